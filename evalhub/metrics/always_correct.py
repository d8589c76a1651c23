"""pass^k over the repeats there are: the share of items on which every repeat was right. What users meet, not the average."""

from __future__ import annotations

import numpy as np

from evalhub.metrics.outcomes import NOT_THEIRS, Outcome
from evalhub.metrics.repeated import repeated_items
from evalhub.metrics.sheet import Sheet
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores


def measure(sheet: Sheet, level: float = 0.95) -> Interval | None:
    """None where nothing was asked; failed and ungraded rows do not count. Items asked once count as they came."""
    counted = sheet.is_any(NOT_THEIRS) == 0
    found = repeated_items(sheet, counted)
    right = sheet.is_any(frozenset({Outcome.CORRECT}))
    total = np.bincount(found.code, weights=np.where(counted, right, 0.0), minlength=found.count.size)
    values = np.where(found.count > 0, (total == found.count).astype(np.float64), np.nan)
    return for_scores(values, found.clusters, level)
