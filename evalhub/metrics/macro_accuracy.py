"""Accuracy with every group (track, language, benchmark) counting the same, whatever its number of items."""

from __future__ import annotations

import numpy as np

from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.arguments import BadArgument, codes, picked
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores
from evalhub.stats.strata import weighted_mean


def measure(sheet: Sheet, level: float = 0.95) -> Interval | None:
    """Mean of the groups' accuracies; None for no rows, or where a group has no score at all."""
    rows = per_item(sheet, sheet.scores)
    if rows.groups is None:
        raise BadArgument("the sheet has no groups; a macro mean needs one group label an answer.")
    if rows.values.size == 0:
        return None
    group = codes(rows.groups, rows.values.size, "groups")
    parts = []
    for one in np.unique(group):
        kept = group == one
        clusters = None if rows.clusters is None else picked(rows.clusters, kept)
        parts.append(for_scores(rows.values[kept], clusters, level))
    return weighted_mean(parts)
