"""The mean score over items: truncated, empty, refused and invalid answers score 0; failed ones do not count."""

from __future__ import annotations

from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores


def measure(sheet: Sheet, level: float = 0.95) -> Interval | None:
    """Mean over items of the mean over repeats; None where no row has a score."""
    rows = per_item(sheet, sheet.scores)
    return for_scores(rows.values, rows.clusters, level)
