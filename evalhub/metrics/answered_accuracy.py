"""The mean score of answers that were answers: how good it is when it speaks. Never show it without the rates beside it."""

from __future__ import annotations

import numpy as np

from evalhub.metrics.outcomes import ANSWERED
from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores


def measure(sheet: Sheet, level: float = 0.95) -> Interval | None:
    """Mean over items of the correct, partly correct and wrong answers; None where there is none."""
    scores = np.where(sheet.is_any(ANSWERED) > 0, sheet.scores, np.nan)
    rows = per_item(sheet, scores)
    return for_scores(rows.values, rows.clusters, level)
