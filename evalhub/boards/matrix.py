"""Answers as a matrix: one row an item, one column a run; what rank sets and paired comparisons are computed from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evalhub.runs.models import Answer
from evalhub.suites.models import Item

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ScoreMatrix:
    """`scores`: items x runs, the mean over repeats, NaN where a run has no score; `clusters`: one label an item."""

    item_ids: tuple[int, ...]
    clusters: tuple[str, ...]
    scores: FloatArray


def score_matrix(suite_version_id: int, run_ids: Sequence[int]) -> ScoreMatrix:
    """The scores of these runs, all of the same suite version. Two queries, whatever the number of runs."""
    items = list(
        Item.objects.filter(version_id=suite_version_id).order_by("position").values_list("pk", "cluster")
    )
    row_of = {item_id: row for row, (item_id, _) in enumerate(items)}
    column_of = {run_id: column for column, run_id in enumerate(run_ids)}
    totals = np.zeros((len(items), len(run_ids)))
    counts = np.zeros_like(totals)
    answers = Answer.objects.filter(run_id__in=run_ids, score__isnull=False).order_by()
    for run_id, item_id, score in answers.values_list("run_id", "item_id", "score").iterator(
        chunk_size=10_000
    ):
        row, column = row_of[item_id], column_of[run_id]
        totals[row, column] += score
        counts[row, column] += 1
    with np.errstate(invalid="ignore"):
        scores = np.where(counts > 0, totals / counts, np.nan)
    return ScoreMatrix(tuple(pk for pk, _ in items), tuple(cluster for _, cluster in items), scores)
