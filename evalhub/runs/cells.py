"""Running sums of a run, raised in the transaction that writes the answers. Intervals wait for the end (finish.py)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import F

from evalhub.runs.drafts import AnswerDraft, ItemRow
from evalhub.runs.models import Cell, Run

SCORE = "accuracy"  # the mean score; partly correct answers count by their share
FACETS = ("track", "topic", "language", "kind")
_Sums = list[float]  # n, total, total of squares, sum of chance scores

_UPSERT = """
INSERT INTO runs_cell (run_id, metric, facet, value, n, total, total_squared, chance, method) VALUES {rows}
ON CONFLICT (run_id, metric, facet, value) DO UPDATE SET n = runs_cell.n + excluded.n,
    total = runs_cell.total + excluded.total, total_squared = runs_cell.total_squared + excluded.total_squared,
    chance = runs_cell.chance + excluded.chance
"""
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, '')"


def raise_by(cursor: Any, run_id: int, answers: Iterable[AnswerDraft]) -> None:
    """Add these new answers to the run's cells: their scores in all cuts, their outcomes over all items."""
    sums: dict[tuple[str, str, str], _Sums] = {}
    for draft in answers:
        outcome = sums.setdefault((draft.outcome, "all", ""), [0, 0.0, 0.0, 0.0])
        outcome[0] += 1
        outcome[1] += 1.0
        outcome[2] += 1.0
        if draft.score is not None:
            _add_score(sums, draft.item, draft.score)
    if sums:  # in order of name: two workers that raise the same cells then wait instead of deadlocking
        values = [value for key in sorted(sums) for value in (run_id, *key, *sums[key])]
        cursor.execute(_UPSERT.format(rows=", ".join([_ROW] * len(sums))), values)


def take_back(run: Run, counts: Mapping[str, int]) -> None:
    """Lower outcome cells by answers that were removed; they had no score."""
    for outcome, count in counts.items():
        Cell.objects.filter(run=run, metric=outcome, facet="all").update(
            n=F("n") - count, total=F("total") - count, total_squared=F("total_squared") - count
        )


def _add_score(sums: dict[tuple[str, str, str], _Sums], item: ItemRow, score: float) -> None:
    for facet, value in cuts(item):
        found = sums.setdefault((SCORE, facet, value), [0, 0.0, 0.0, 0.0])
        found[0] += 1
        found[1] += score
        found[2] += score * score
        found[3] += item.chance


def cuts(item: ItemRow) -> Iterator[tuple[str, str]]:
    """The (facet, value) pairs an item belongs to; no pair for a facet it has no value in."""
    yield "all", ""
    for facet in FACETS:
        value = getattr(item, facet)
        if value:
            yield facet, value
