"""Release gates: is a checkpoint no worse than its parent, capability by capability?

One-sided paired non-inferiority with a margin set beforehand, Holm over capabilities, alpha spent over
checkpoints. A capability passes when 'worse than the parent by the margin or more' is refuted, fails when
'within the margin' is, and is inconclusive when neither is: too few items is never a pass. The gate passes
when every capability passes and fails when any does.
Sources: non-inferiority on paired proportions: Tango, Statistics in Medicine 1998; Holm 1979; alpha spending:
Lan & DeMets, Biometrika 1983; negative flips: arXiv 2407.09435.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import pi
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evalhub.stats.arguments import BadArgument, Labels, require_count, require_level
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import wilson
from evalhub.stats.multiple import holm
from evalhub.stats.pairs import Flips, PairedDifference, flips, p_exceeds, paired_difference

Spending = Literal["even", "late"]


class Verdict(StrEnum):
    PASS = "PASS"  # noqa: S105  a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


@dataclass(frozen=True, slots=True, eq=False)
class Capability:
    """What is compared: scores of parent and child on the same items, in [0, 1], shape (n,), NaN = not answered.

    margin: the largest loss still acceptable, in score units (0.02 = 2 points), set before looking. clusters:
    n labels.
    """

    name: str
    parent: ArrayLike
    child: ArrayLike
    margin: float
    clusters: Labels | None = None


@dataclass(frozen=True, slots=True)
class CapabilityVerdict:
    """One capability. difference: child - parent, its interval at 1 - 2 * alpha, so that `low` is the one-sided bound.

    p_pass, p_fail: one-sided p-values for 'not worse by the margin' and 'worse by more than it', adjusted by
    Holm. None where no item is shared. flips.lost: items the parent had right and the child has wrong;
    negative_flips: their rate.
    """

    name: str
    verdict: Verdict
    margin: float
    difference: PairedDifference | None
    p_pass: float | None
    p_fail: float | None
    flips: Flips
    negative_flips: Interval | None


@dataclass(frozen=True, slots=True)
class GateReport:
    """verdict over all capabilities, at the `alpha` spent on this look."""

    verdict: Verdict
    capabilities: tuple[CapabilityVerdict, ...]
    alpha: float


def non_inferiority(
    capabilities: Sequence[Capability],
    alpha: float = 0.05,
    look: int = 1,
    looks: int | None = 1,
    spending: Spending = "even",
) -> GateReport:
    """The verdict on one checkpoint; both a wrong PASS and a wrong FAIL happen with probability at most alpha over all looks.

    look: which checkpoint of the lineage this is, from 1. looks: how many are planned (1: a single release),
    None where the lineage is open-ended. See `spend`.
    """
    if not capabilities:
        raise BadArgument("no capabilities were given; a gate needs at least one.")
    spent = spend(alpha, look, looks, spending)
    passing = [
        _p(capability.child, capability.parent, -_margin(capability), capability)
        for capability in capabilities
    ]
    failing = [
        _p(capability.parent, capability.child, capability.margin, capability) for capability in capabilities
    ]
    pass_adjusted, fail_adjusted = _adjusted(passing), _adjusted(failing)
    found = tuple(
        _verdict(capability, p_pass, p_fail, spent)
        for capability, p_pass, p_fail in zip(capabilities, pass_adjusted, fail_adjusted, strict=True)
    )
    return GateReport(_overall(found), found, spent)


def spend(alpha: float, look: int, looks: int | None = None, spending: Spending = "even") -> float:
    """The part of `alpha` that checkpoint `look` (from 1) may use; over all looks the parts sum to at most alpha.

    looks None: open-ended, alpha * 6 / (pi look)^2. Planned looks: "even" shares, or "late"
    (O'Brien-Fleming), which keeps nearly all for the last, the release. A union bound, so checkpoints may
    depend on each other in any way.
    """
    require_level(1.0 - alpha)
    require_count(look, "look", least=1)
    if looks is None:
        return float(alpha * 6.0 / (pi * look) ** 2)
    require_count(looks, "looks", least=1)
    if look > looks:
        raise BadArgument(
            f"look {look} of {looks} planned; plan more looks, or give looks=None for an open-ended lineage."
        )
    if spending == "even":
        return alpha / looks
    if spending != "late":
        raise BadArgument(f"spending is {spending!r}; choose 'even' or 'late'.")
    return _obrien_fleming(alpha, look / looks) - (
        _obrien_fleming(alpha, (look - 1) / looks) if look > 1 else 0.0
    )


def _obrien_fleming(alpha: float, share: float) -> float:
    return float(2.0 * stats.norm.sf(stats.norm.isf(alpha / 2.0) / np.sqrt(share)))


def _margin(capability: Capability) -> float:
    if not 0.0 <= capability.margin < 1.0:
        raise BadArgument(
            f"the margin of {capability.name!r} is {capability.margin!r}; give the largest acceptable loss, from 0 to below 1."
        )
    return capability.margin


def _p(better: ArrayLike, worse: ArrayLike, than: float, capability: Capability) -> float | None:
    return p_exceeds(better, worse, than, capability.clusters)


def _adjusted(p_values: list[float | None]) -> list[float | None]:
    """Holm over every capability of the gate: one without items counts, with p = 1."""
    adjusted = holm([1.0 if p is None else p for p in p_values])
    return [None if p is None else float(value) for p, value in zip(p_values, adjusted, strict=True)]


def _verdict(
    capability: Capability, p_pass: float | None, p_fail: float | None, alpha: float
) -> CapabilityVerdict:
    if p_pass is not None and p_pass <= alpha:
        verdict = Verdict.PASS
    elif p_fail is not None and p_fail <= alpha:
        verdict = Verdict.FAIL
    else:
        verdict = Verdict.INCONCLUSIVE
    difference = paired_difference(
        capability.child, capability.parent, capability.clusters, 1.0 - 2.0 * alpha
    )
    flipped = flips(capability.child, capability.parent)
    rate = None if difference is None else wilson(len(flipped.lost), difference.n)
    return CapabilityVerdict(
        capability.name, verdict, capability.margin, difference, p_pass, p_fail, flipped, rate
    )


def _overall(found: tuple[CapabilityVerdict, ...]) -> Verdict:
    verdicts = {capability.verdict for capability in found}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.PASS if verdicts == {Verdict.PASS} else Verdict.INCONCLUSIVE
