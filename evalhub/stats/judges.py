"""Scores corrected for the errors of an automatic judge, and the biases a judge may have.

Sources: Rogan & Gladen, Am. J. Epidemiology 1978, with limits by Lang & Reiczigel, Prev. Vet. Medicine 2014,
as used for judges in Lee et al., arXiv 2511.21140; prediction-powered inference: Angelopoulos et al., arXiv
2301.09633, tuned as in arXiv 2311.01453. Oracles: R asht::prevSeSp (by hand), ppi-python.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evalhub.stats import score, tango
from evalhub.stats.arguments import (
    BadArgument,
    FloatArray,
    TooFewItems,
    require_bounds,
    require_count,
    require_level,
    require_same_length,
    vector,
)
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import UNIT, wilson
from evalhub.stats.pairs import mcnemar_exact


@dataclass(frozen=True, slots=True)
class PositionBias:
    """Of `n` pairs judged in both orders: `consistent`, the share with one verdict; `first` and `second`,
    verdicts that stuck to that position; `preference`, (first - second) / n with its interval; `p`, exact
    McNemar.
    """

    n: int
    consistent: Interval
    first: int
    second: int
    preference: Interval
    p: float


def rogan_gladen(
    positives: int,
    n: int,
    sensitivity: tuple[int, int],
    specificity: tuple[int, int],
    level: float = 0.95,
) -> Interval | None:
    """The true pass rate behind `positives` passes of `n` by a judge whose error was measured; None for n = 0.

    sensitivity: (judge passed, of those a human passed); specificity: (judge failed, of those a human
    failed), both from a human-labelled slice not among the n. The interval carries the slice's own
    uncertainty. Raises TooFewItems where the judge is not shown to be better than chance: no correction helps
    there.
    """
    require_level(level)
    for part, whole, what in (
        (positives, n, "positives"),
        (*sensitivity, "sensitivity"),
        (*specificity, "specificity"),
    ):
        require_count(part, what)
        require_count(whole, f"total of {what}", least=0 if what == "positives" else 1)
        if part > whole:
            raise BadArgument(f"{what} is {part} of {whole}; the part cannot exceed the whole.")
    if n == 0:
        return None
    power = sensitivity[0] / sensitivity[1] + specificity[0] / specificity[1] - 1.0
    if power <= 0.0:
        raise TooFewItems(
            f"sensitivity {sensitivity[0]}/{sensitivity[1]} and specificity {specificity[0]}/{specificity[1]} make a judge "
            "no better than chance; label more, or use another judge."
        )
    estimate = (positives / n + specificity[0] / specificity[1] - 1.0) / power
    low, high = _lang_reiczigel(positives, n, sensitivity, specificity, level)
    estimate = float(np.clip(estimate, 0.0, 1.0))
    return Interval(min(low, estimate), max(high, estimate), "rogan_gladen", level, estimate, n)


def ppi_mean(
    human: ArrayLike,
    judged: ArrayLike,
    unlabelled: ArrayLike,
    level: float = 0.95,
    *,
    tuned: bool = True,
    bounds: tuple[float, float] = UNIT,
) -> Interval | None:
    """The mean human score, from a few human labels and many judge's scores; right whatever the judge's errors are.

    human, judged: shape (n,), both scores of the labelled items (a random slice). unlabelled: shape (N,), the
    judge's scores of the other items. tuned: trust the judge as far as it tracks the humans (PPI++), else
    fully. All within `bounds`. Human noise enters by the score method, judge noise by the normal, joined by
    MOVER: for large n this is PPI's interval, for few labels it stays honest. None for no human labels.
    """
    require_level(level)
    low, span = bounds[0], bounds[1] - bounds[0]
    truth, seen, rest = (
        vector(part, name)
        for part, name in ((human, "human"), (judged, "judged"), (unlabelled, "unlabelled"))
    )
    require_same_length(truth, seen, "human and judged")
    if truth.size == 0:
        return None
    for part, name in ((truth, "human"), (seen, "judged"), (rest, "unlabelled")):
        require_bounds(part, bounds, name)
    truth, seen, rest = (truth - low) / span, (seen - low) / span, (rest - low) / span
    trust = _trust(truth, seen, rest, tuned)
    residual = score.measure((truth - trust * seen + trust) / (1.0 + trust))
    found = score.limits(residual, level)
    kept = residual.mean * (1.0 + trust) - trust
    above, below = (
        ((found.high - residual.mean) * (1.0 + trust)),
        ((residual.mean - found.low) * (1.0 + trust)),
    )
    half = float(stats.norm.isf((1.0 - level) / 2.0)) * trust * _error(rest)
    estimate = kept + trust * (float(rest.mean()) if rest.size else 0.0)
    lower, upper = estimate - float(np.hypot(below, half)), estimate + float(np.hypot(above, half))
    lower, estimate, upper = (
        low + span * float(np.clip(value, 0.0, 1.0)) for value in (lower, estimate, upper)
    )
    return Interval(lower, upper, "ppi", level, estimate, truth.size)


def position_bias(plain: ArrayLike, swapped: ArrayLike, level: float = 0.95) -> PositionBias | None:
    """Whether a judge favours a position. plain, swapped: shape (n,), which answer won (1 = A, -1 = B, 0 =
    tie) when A was shown first, and when B was; NaN = no verdict. None where no pair has both verdicts.
    """
    require_level(level)
    one, two = vector(plain, "plain"), vector(swapped, "swapped")
    require_same_length(one, two, "plain and swapped")
    both = ~np.isnan(one) & ~np.isnan(two)
    one, two = one[both], two[both]
    if not np.isin(np.concatenate([one, two]), (-1.0, 0.0, 1.0)).all():
        raise BadArgument(
            "verdicts must be 1 (A won), -1 (B won) or 0 (tie), the same answer in both orders."
        )
    n = one.size
    consistent = wilson(int(np.sum(one == two)), n, level)
    if consistent is None:
        return None
    first, second = int(np.sum(one > two)), int(np.sum(one < two))
    found = tango.limits(first, second, n, level)
    preference = Interval(found.low, found.high, "tango", level, (first - second) / n, n)
    return PositionBias(n, consistent, first, second, preference, mcnemar_exact(first, second))


def _lang_reiczigel(
    positives: int, n: int, sensitivity: tuple[int, int], specificity: tuple[int, int], level: float
) -> tuple[float, float]:
    z = float(stats.norm.isf((1.0 - level) / 2.0))
    size = n + z**2
    share = (positives + z**2 / 2.0) / size
    se, of_se = (sensitivity[0] + 1.0) / (sensitivity[1] + 2.0), sensitivity[1] + 2.0
    sp, of_sp = (specificity[0] + 1.0) / (specificity[1] + 2.0), specificity[1] + 2.0
    power = se + sp - 1.0
    if power <= 0.0:
        return 0.0, 1.0
    rate = (share + sp - 1.0) / power
    noise_se, noise_sp = se * (1.0 - se) / of_se, sp * (1.0 - sp) / of_sp
    shift = 2.0 * z**2 * (rate * noise_se - (1.0 - rate) * noise_sp)
    spread = share * (1.0 - share) / size + rate**2 * noise_se + (1.0 - rate) ** 2 * noise_sp
    half = z * float(np.sqrt(spread)) / power
    return float(np.clip(rate + shift - half, 0.0, 1.0)), float(np.clip(rate + shift + half, 0.0, 1.0))


def _trust(truth: FloatArray, seen: FloatArray, rest: FloatArray, tuned: bool) -> float:
    """The weight of the judge's scores (lambda of PPI++), between 0 and 1."""
    if rest.size == 0:
        return 0.0
    if not tuned:
        return 1.0
    spread = float(np.concatenate([seen, rest]).var(ddof=1)) if seen.size + rest.size > 1 else 0.0
    if spread == 0.0 or truth.size < 2:
        return 0.0
    together = float(np.cov(truth, seen, ddof=1)[0, 1])
    return float(np.clip(together / ((1.0 + truth.size / rest.size) * spread), 0.0, 1.0))


def _error(values: FloatArray) -> float:
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else 0.0
