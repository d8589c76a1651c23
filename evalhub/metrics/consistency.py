"""The share of items asked more than once on which every repeat had the same outcome, right or wrong."""

from __future__ import annotations

import numpy as np

from evalhub.metrics.outcomes import NOT_THEIRS
from evalhub.metrics.repeated import repeated_items
from evalhub.metrics.sheet import Sheet
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores


def measure(sheet: Sheet, level: float = 0.95) -> Interval | None:
    """None where no item was asked twice; failed and ungraded rows do not count."""
    names, outcome = np.unique(np.array(sheet.outcomes, dtype=object).astype(str), return_inverse=True)
    counted = sheet.is_any(NOT_THEIRS) == 0
    found = repeated_items(sheet, counted)
    table = np.zeros((found.count.size, names.size))
    np.add.at(table, (found.code[counted], outcome[counted]), 1.0)
    same = (table > 0).sum(axis=1) == 1
    values = np.where(found.count >= 2, same.astype(np.float64), np.nan)
    return for_scores(values, found.clusters, level)
