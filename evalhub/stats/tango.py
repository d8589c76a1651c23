"""Tango's score method for the difference of two proportions measured on the same items.

Sources: Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample design",
Statistics in Medicine 1998; recommended by Fagerland, Lydersen & Laake, Statistics in Medicine 2014. One-sided p-values by
the estimated exact distribution of the score: Lloyd, "A new exact and more powerful unconditional test of no treatment
effect from binary matched pairs", Biometrics 2008.
"""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from scipy import optimize, stats
from scipy.special import gammaln, xlogy

from evalhub.stats.arguments import FloatArray, IntArray

_ENOUGH: Final = 500  # expected discordant items of the rarer kind from which the normal tail is right
_REACH: Final = 6.5  # standard deviations of a count that are summed over


class Limits(NamedTuple):
    low: float
    high: float


def limits(b: int, c: int, n: int, level: float) -> Limits:
    """Limits of (b - c) / n: b items only the first got right, c only the second, n shared items, n >= 1."""
    quantile = float(stats.norm.isf((1.0 - level) / 2.0))
    return Limits(-_upper(c, b, n, quantile), _upper(b, c, n, quantile))


def p_greater(b: int, c: int, n: int, difference: float) -> float:
    """One-sided p-value against 'the true difference is at most `difference`' (above -1, below 1).

    The chance of a score at least as far out, computed exactly with the discordance estimated as if the difference were
    `difference`. The normal tail alone errs by a factor of two and more where few items are discordant.
    """
    distance = _distance(b, c, n, difference)
    lower = float(np.clip(_rarer(b, c, n, difference), max(0.0, -difference), (1.0 - difference) / 2.0))
    if n * min(lower, lower + difference) > _ENOUGH:
        return float(stats.norm.sf(distance))
    first, second = _likely(n, lower + difference)[:, None], _likely(n, lower)[None, :]
    rest = n - first - second
    chance = _multinomial(
        n, (first, second, rest), (lower + difference, lower, 1.0 - 2.0 * lower - difference)
    )
    distances = _distances(first, second, n, difference)
    return float(min(1.0, chance[(rest >= 0) & (distances >= distance - 1e-9)].sum()))


def _multinomial(
    n: int, counts: tuple[IntArray, IntArray, IntArray], shares: tuple[float, float, float]
) -> FloatArray:
    """The chance of each triple of counts that sum to n; nonsense where the last is negative."""
    log_factorial = gammaln(np.arange(n + 1) + 1.0)
    log_chance = log_factorial[n]
    for count, share in zip(counts, shares, strict=True):
        held = np.maximum(count, 0)
        log_chance = log_chance - log_factorial[held] + xlogy(held, max(share, 0.0))
    return np.asarray(np.exp(log_chance))


def _likely(n: int, share: float) -> IntArray:
    """The counts out of n that are not utterly improbable at this share."""
    spread = _REACH * np.sqrt(n * share * (1.0 - share)) + 10.0
    return np.arange(max(0, int(n * share - spread)), min(n, int(n * share + spread) + 1) + 1)


def _upper(b: int, c: int, n: int, quantile: float) -> float:
    """The largest difference not refuted; the distance falls as the difference rises."""
    if b == n:
        return 1.0
    return float(
        optimize.brentq(lambda d: _distance(b, c, n, d) + quantile, (b - c) / n, 1.0 - 1e-12, xtol=1e-12)
    )


def _distance(b: int, c: int, n: int, difference: float) -> float:
    """Distance of the counts from a true difference, in standard errors as if it held."""
    gap = b - c - n * difference
    variance = n * (2.0 * _rarer(b, c, n, difference) + difference * (1.0 - difference))
    if variance <= 1e-12:
        return 0.0 if abs(gap) < 1e-9 else math.copysign(math.inf, gap)
    return float(gap / math.sqrt(variance))


def _distances(b: IntArray, c: IntArray, n: int, difference: float) -> FloatArray:
    """The same for arrays of counts, which broadcast."""
    gap = b - c - n * difference
    variance = n * (2.0 * _rarer(b, c, n, difference) + difference * (1.0 - difference))
    known = variance > 1e-12
    none = np.where(np.abs(gap) < 1e-9, 0.0, np.copysign(np.inf, gap))
    return np.where(known, gap / np.sqrt(np.where(known, variance, 1.0)), none)


def _rarer(b: Any, c: Any, n: int, difference: float) -> Any:
    """The share of items only the second gets right, by maximum likelihood if the difference held; counts or arrays."""
    linear = -b - c + (2 * n - b + c) * difference
    root = abs(linear**2 + 8.0 * n * c * difference * (1.0 - difference)) ** 0.5
    return (root - linear) / (4.0 * n)
