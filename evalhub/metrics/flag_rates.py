"""The share of answers a detector of degenerate output flagged, of those that came back."""

from __future__ import annotations

import numpy as np

from evalhub.metrics.outcomes import Outcome
from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.arguments import BadArgument
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores

_NEVER_CAME = frozenset({Outcome.FAILED, Outcome.QUARANTINED})


def rate(sheet: Sheet, flag: str, level: float = 0.95) -> Interval | None:
    """The rate of one flag; None where nothing came back."""
    if sheet.flags is None:
        raise BadArgument("the sheet has no flags; run the detectors on the answers first.")
    flagged = np.array([flag in names for names in sheet.flags], dtype=np.float64)
    rows = per_item(sheet, np.where(sheet.is_any(_NEVER_CAME) > 0, np.nan, flagged))
    return for_scores(rows.values, rows.clusters, level)


def repeater(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, "repeater", level)


def mute(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, "mute", level)


def never_stops(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, "never_stops", level)


def garbled(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, "garbled", level)


def copied_prompt(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, "copied_prompt", level)
