"""The end of a run: every cell gets its estimate, its interval and the interval's method; the manifest is sealed.

The answers are read once, as columns of numbers; 100 000 of them take well under half a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models.functions import Now
from numpy.typing import NDArray

from evalhub.runs import manifest
from evalhub.runs.cells import FACETS, SCORE
from evalhub.runs.models import Cell, Run, RunStatus, Shard, ShardStatus
from evalhub.runs.models.answer import Outcome
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores

ALWAYS_SHOWN = (
    Outcome.CORRECT,
    Outcome.PARTLY,
    Outcome.WRONG,
    Outcome.TRUNCATED,
    Outcome.EMPTY,
    Outcome.REFUSED,
    Outcome.INVALID,
    Outcome.FAILED,
)
PERCENTILES = {"latency_p50": ("latency", 50), "latency_p95": ("latency", 95), "ttft_p50": ("ttft", 50)}
_CHUNK = 5000
_Floats = NDArray[np.float64]
_Codes = NDArray[np.int64]

_SQL = """
SELECT a.score, a.outcome, a.latency_s, a.ttft_s, a.flags, i.cluster, i.chance, i.track, i.topic, i.language, i.kind
FROM runs_answer a JOIN suites_item i ON i.id = a.item_id WHERE a.run_id = %s
"""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts as numbers: `codes[i]` is the place of row i's text in `names`."""

    codes: _Codes
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """All answers of a run, one row an answer. NaN: no score, no latency."""

    score: _Floats
    latency: _Floats
    ttft: _Floats
    chance: _Floats
    outcome: Coded
    flags: Coded
    cluster: Coded
    facets: dict[str, Coded]

    def __len__(self) -> int:
        return len(self.score)


def finish_run(run_id: int) -> bool:
    """Finish a run whose shards are all done; True if it is finished now, also where it was before.

    False while shards are open, and for a cancelled run. Safe to repeat, and to run twice at once.
    """
    run = Run.objects.get(pk=run_id)
    if run.status in (RunStatus.FINISHED, RunStatus.CANCELLED):
        return bool(run.status == RunStatus.FINISHED)
    if Shard.objects.filter(run=run_id, status=ShardStatus.OPEN).exists():
        return False
    cells = final_cells(run_id)
    sealed = manifest.seal(run)
    with transaction.atomic():
        changed = (
            Run.objects.filter(pk=run_id, status__in=RunStatus.open())
            .exclude(shards__status=ShardStatus.OPEN)
            .update(status=RunStatus.FINISHED, reason="", reason_text="", manifest=sealed, finished_at=Now())
        )
        if changed:  # else another worker was quicker, or a retry has opened shards again
            Cell.objects.filter(run=run_id).delete()
            Cell.objects.bulk_create(cells, batch_size=500)
    return Run.objects.filter(pk=run_id, status=RunStatus.FINISHED).exists()


def final_cells(run_id: int) -> list[Cell]:
    """Every cell of the run from its answers: scores in all cuts, rates of outcomes and flags, percentiles of times."""
    columns = read_columns(run_id)
    return [
        *(_score_cell(run_id, columns, facet, value, rows) for facet, value, rows in _cuts(columns)),
        *_rate_cells(run_id, columns),
        *_percentile_cells(run_id, columns),
    ]


def read_columns(run_id: int) -> Columns:
    """Read the answers of a run."""
    numbers: list[list[float]] = [[], [], [], []]
    coders = [_Coder() for _ in range(7)]
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [run_id])
        while rows := cursor.fetchmany(_CHUNK):
            score, outcome, latency, ttft, flags, cluster, chance, *facets = zip(*rows, strict=True)
            for into, column in zip(numbers, (score, latency, ttft, chance), strict=True):
                into += [np.nan if number is None else number for number in column]
            for coder, texts in zip(coders, (outcome, flags, cluster, *facets), strict=True):
                coder.add(texts)
    coded = [coder.coded() for coder in coders]
    return Columns(
        *(np.array(column, dtype=np.float64) for column in numbers),
        outcome=coded[0],
        flags=coded[1],
        cluster=coded[2],
        facets=dict(zip(FACETS, coded[3:], strict=True)),
    )


class _Coder:
    """Texts -> numbers in order of first appearance."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._codes: list[int] = []

    def add(self, texts: Sequence[str]) -> None:
        names = self._names
        self._codes += [names.setdefault(text, len(names)) for text in texts]

    def coded(self) -> Coded:
        return Coded(np.array(self._codes, dtype=np.int64), tuple(self._names))


def _cuts(columns: Columns) -> list[tuple[str, str, _Codes]]:
    """(facet, value, the rows in it); rows of one value are found by one sort, not one pass a value."""
    cuts = [("all", "", np.arange(len(columns)))] if len(columns) else []
    for facet, coded in columns.facets.items():
        order = np.argsort(coded.codes, kind="stable")
        bounds = np.searchsorted(coded.codes[order], np.arange(len(coded.names) + 1))
        for code, name in enumerate(coded.names):
            if name:
                cuts.append((facet, name, order[bounds[code] : bounds[code + 1]]))
    return cuts


def _score_cell(run_id: int, columns: Columns, facet: str, value: str, rows: _Codes) -> Cell:
    scored = rows[~np.isnan(columns.score[rows])]
    scores = columns.score[scored]
    return _cell(
        run_id,
        (SCORE, facet, value),
        scores,
        for_scores(scores, columns.cluster.codes[scored]),
        chance=float(columns.chance[scored].sum()),
    )


def _rate_cells(run_id: int, columns: Columns) -> list[Cell]:
    if not len(columns):
        return []
    marks = {name: columns.outcome.codes == code for code, name in enumerate(columns.outcome.names)}
    nothing = np.zeros(len(columns), dtype=np.bool_)
    names = [*ALWAYS_SHOWN, *(name for name in marks if name not in ALWAYS_SHOWN)]
    rates = {str(name): marks.get(str(name), nothing) for name in names}
    rates |= _flag_marks(columns)
    return [
        _cell(run_id, (name, "all", ""), mark.astype(np.float64), for_scores(mark, columns.cluster.codes))
        for name, mark in rates.items()
    ]


def _flag_marks(columns: Columns) -> dict[str, NDArray[np.bool_]]:
    """Detector name -> the answers it flagged; the column holds their names, separated by spaces."""
    marks: dict[str, NDArray[np.bool_]] = {}
    for code, names in enumerate(columns.flags.names):
        for name in names.split():
            marks[name] = marks.get(name, False) | (columns.flags.codes == code)
    return marks


def _percentile_cells(run_id: int, columns: Columns) -> list[Cell]:
    cells = []
    for metric, (column, percentile) in PERCENTILES.items():
        values = getattr(columns, column)
        known = values[~np.isnan(values)]
        if known.size:
            cell = _cell(run_id, (metric, "all", ""), known, None)
            cell.estimate, cell.method = float(np.percentile(known, percentile)), "percentile"
            cells.append(cell)
    return cells


def _cell(
    run_id: int, name: tuple[str, str, str], values: _Floats, interval: Interval | None, chance: float = 0.0
) -> Cell:
    metric, facet, value = name
    found: dict[str, Any] = {}
    if interval is not None:
        found = {"estimate": interval.estimate, "low": interval.low, "high": interval.high, "method": interval.method}
    return Cell(
        run_id=run_id,
        metric=metric,
        facet=facet,
        value=value,
        n=values.size,
        total=float(values.sum()),
        total_squared=float((values**2).sum()),
        chance=chance,
        **found,
    )
