"""Accuracy rescaled so that blind guessing is 0 and all right is 1: (accuracy - chance) / (1 - chance)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.arguments import BadArgument
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores


def measure(sheet: Sheet, level: float = 0.95) -> Interval | None:
    """May be below 0. None where no row has a score; raises BadArgument where guessing is always right."""
    if sheet.chance is None:
        raise BadArgument("the sheet has no chance column; give each answer the score of blind guessing.")
    rows = per_item(sheet, sheet.scores)
    found = for_scores(rows.values, rows.clusters, level)
    if found is None:
        return None
    chance = float(per_item(sheet, sheet.chance).values[~np.isnan(rows.values)].mean())
    if chance >= 1.0:
        raise BadArgument(f"chance is {chance:g}; a suite that guessing solves measures nothing.")
    low, middle, high = (
        (value - chance) / (1.0 - chance) for value in (found.low, found.estimate, found.high)
    )
    return replace(found, low=low, estimate=middle, high=high)
