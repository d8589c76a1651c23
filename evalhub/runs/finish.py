"""The end of a run: every cell gets its estimate, its interval and the interval's method; the manifest is sealed.

Every metric of evalhub.metrics becomes a cell, so that a new one needs no line here.
"""

from collections.abc import Iterator

import numpy as np
from django.db import transaction
from django.db.models.functions import Now

from evalhub.metrics import METRICS
from evalhub.metrics.outcome_rates import rate
from evalhub.metrics.outcomes import Outcome
from evalhub.metrics.sheet import Sheet, per_item
from evalhub.runs import manifest
from evalhub.runs.cells import SCORE
from evalhub.runs.columns import Codes, Columns, Floats, read_columns
from evalhub.runs.models import Cell, Run, RunStatus, Shard, ShardStatus
from evalhub.stats.arguments import BadArgument, TooFewItems
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores

PERCENTILES = {"latency_p50": ("latency", 50), "latency_p95": ("latency", 95), "ttft_p50": ("ttft", 50)}
OURS = (Outcome.UNGRADED, Outcome.QUARANTINED)  # no metrics of an endpoint, but shown where they occur


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
    """Every cell of the run from its answers: all metrics over everything, the score in all cuts, percentiles of times."""
    columns = read_columns(run_id)
    if not len(columns):
        return []
    cells = [*_metric_cells(columns.sheet()), *_score_cells(columns), *_percentile_cells(columns)]
    for cell in cells:
        cell.run_id = run_id
    return cells


def _metric_cells(sheet: Sheet) -> Iterator[Cell]:
    for name in METRICS:
        if name != SCORE:  # that one in all cuts, below
            yield from _measured(name, sheet)
    for outcome in OURS:
        if outcome in sheet.outcomes:
            yield _cell(outcome.value, "all", "", rate(sheet, outcome))


def _measured(name: str, sheet: Sheet) -> Iterator[Cell]:
    try:
        interval = METRICS.get(name)(sheet)
    except (
        BadArgument,
        TooFewItems,
    ):  # a column it needs does not exist here (keys), or there is too little of it
        return
    if interval is not None:
        yield _cell(name, "all", "", interval)


def _score_cells(columns: Columns) -> Iterator[Cell]:
    """The mean score over items, of everything and of every value of every facet."""
    sheet = columns.sheet()
    scores = per_item(sheet, columns.score).values
    first = np.unique(columns.item.codes, return_index=True)[1]
    clusters, chance = columns.cluster.codes[first], columns.chance[first]
    for facet, value, rows in _cuts(columns, first):
        kept = rows[~np.isnan(scores[rows])]
        cell = _cell(SCORE, facet, value, for_scores(scores[kept], clusters[kept]))
        cell.total, cell.total_squared = float(scores[kept].sum()), float((scores[kept] ** 2).sum())
        cell.n, cell.chance = kept.size, float(chance[kept].sum())
        yield cell


def _cuts(columns: Columns, first: Codes) -> Iterator[tuple[str, str, Codes]]:
    """(facet, value, its items); the items of all values are found by one sort a facet."""
    yield "all", "", np.arange(first.size)
    for facet, coded in columns.facets.items():
        codes = coded.codes[first]
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(coded.names) + 1))
        for code, name in enumerate(coded.names):
            if name:
                yield facet, name, order[bounds[code] : bounds[code + 1]]


def _percentile_cells(columns: Columns) -> Iterator[Cell]:
    for metric, (name, percentile) in PERCENTILES.items():
        values: Floats = getattr(columns, name)
        known = values[~np.isnan(values)]
        if known.size:
            cell = _cell(metric, "all", "", None)
            cell.n, cell.total, cell.total_squared = known.size, float(known.sum()), float((known**2).sum())
            cell.estimate, cell.method = float(np.percentile(known, percentile)), "percentile"
            yield cell


def _cell(metric: str, facet: str, value: str, interval: Interval | None) -> Cell:
    if interval is None:
        return Cell(metric=metric, facet=facet, value=value)
    return Cell(
        metric=metric,
        facet=facet,
        value=value,
        n=interval.n,
        total=interval.estimate * interval.n,
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        method=interval.method,
    )
