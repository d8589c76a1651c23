"""Collapse sentinels: alert on, or abort, a run whose degenerate outputs exceed the parent's rate, while it is going.

Looked at after every shard, so the evidence is an e-process (valid whenever one looks), never a fixed-n
interval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from evalhub.metrics import DETECTORS
from evalhub.metrics.detectors.output import Output
from evalhub.stats.arguments import BadArgument
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import wilson
from evalhub.stats.sequential import rate_eprocess

Action = Literal["none", "alert", "abort"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Alert when the rate of `detector` is shown to exceed `alert`, abort when `abort` (None: never); shares 0 to 1.

    alpha: chance of a false alarm over the whole run. Take `alert` from the parent: see `ceiling`.
    """

    detector: str
    alert: float
    abort: float | None = None
    alpha: float = 0.01

    def __post_init__(self) -> None:
        DETECTORS.entry(self.detector)
        if not 0.0 < self.alert < 1.0 or (self.abort is not None and not self.alert <= self.abort < 1.0):
            raise BadArgument(
                f"the rule for {self.detector!r} alerts at {self.alert!r} and aborts at {self.abort!r}; "
                "give rates between 0 and 1, abort no lower than alert."
            )


@dataclass(frozen=True, slots=True)
class Reading:
    """rate: with a Wilson interval for show (None before the first answer); e_value: evidence against 'at most alert'."""

    detector: str
    action: Action
    rate: Interval | None
    e_value: float


def read(rule: Rule, hits: int, n: int) -> Reading:
    """What the rule says after `hits` flagged of `n` answers."""
    rate = wilson(hits, n)
    evidence = rate_eprocess(hits, n, rule.alert)
    action: Action = "none"
    if evidence >= 1.0 / rule.alpha:
        action = "alert"
    if rule.abort is not None and rate_eprocess(hits, n, rule.abort) >= 1.0 / rule.alpha:
        action = "abort"
    return Reading(rule.detector, action, rate, evidence)


def ceiling(parent_hits: int, parent_n: int, slack: float = 0.01) -> float:
    """The rate a child may have: the upper limit of the parent's, plus `slack`. Without a parent's answers, slack + 5 %."""
    found = wilson(parent_hits, parent_n)
    return min(0.99, (0.05 if found is None else found.high) + slack)


def flags(output: Output, detectors: Iterable[str] = tuple(DETECTORS)) -> dict[str, str]:
    """Detector name -> reason, for the detectors that fire on this output."""
    found = {name: DETECTORS.get(name)(output) for name in detectors}
    return {name: finding.reason for name, finding in found.items() if finding is not None}
