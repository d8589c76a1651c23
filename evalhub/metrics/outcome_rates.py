"""The share of answers with one outcome, over everything asked, repeats averaged within items.

`failed` is over everything asked too: it is ours, not the endpoint's, and says how much of the run is
missing.
"""

from __future__ import annotations

from evalhub.metrics.outcomes import Outcome
from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores


def rate(sheet: Sheet, outcome: Outcome, level: float = 0.95) -> Interval | None:
    """The rate of one outcome; None where nothing was asked."""
    rows = per_item(sheet, sheet.is_any(frozenset({outcome})))
    return for_scores(rows.values, rows.clusters, level)


def correct(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.CORRECT, level)


def partly(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.PARTLY, level)


def wrong(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.WRONG, level)


def truncated(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.TRUNCATED, level)


def empty(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.EMPTY, level)


def refused(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.REFUSED, level)


def invalid(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.INVALID, level)


def failed(sheet: Sheet, level: float = 0.95) -> Interval | None:
    return rate(sheet, Outcome.FAILED, level)
