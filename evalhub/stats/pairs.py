"""Two endpoints on the items they share, paired. Never compare them unpaired: that throws most of the power away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evalhub.stats import score, tango
from evalhub.stats.arguments import (
    BadArgument,
    FloatArray,
    Labels,
    is_binary,
    picked,
    require_bounds,
    require_count,
    require_level,
    require_same_length,
    vector,
)
from evalhub.stats.clusters import clustered_mean, repeat
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import UNIT

TESTS = {
    "mcnemar_exact": "exact McNemar",
    "score": "score test on the differences",
    "clustered_score": "score test on the differences, clustered",
    "student_t": "paired t",
    "clustered_t": "cluster-robust paired t",
}


@dataclass(frozen=True, slots=True)
class Flips:
    """Positions of shared items that only one got right: `gained` by the first over the second, `lost` by it."""

    gained: tuple[int, ...]
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """First minus second on their `n` shared items.

    `p` is two-sided, by `test` (a key of TESTS), not adjusted for other comparisons. `b` items the first did
    better on, `c` items the second did. Exact McNemar is stricter than the interval: where they disagree,
    believe p.
    """

    diff: float
    interval: Interval
    p: float
    n: int
    b: int
    c: int
    test: str


def mcnemar_exact(b: int, c: int) -> float:
    """Two-sided exact p-value that b and c discordant items are a fair coin's; 1 for no discordant item.

    Source: McNemar, Psychometrika 1947, exact binomial form. Oracle: statsmodels mcnemar(exact=True).
    """
    require_count(b, "b")
    require_count(c, "c")
    if b + c == 0:
        return 1.0
    return float(min(1.0, 2.0 * stats.binom.cdf(min(b, c), b + c, 0.5)))


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    clusters: Labels | None = None,
    level: float = 0.95,
    bounds: tuple[float, float] | None = UNIT,
) -> PairedDifference | None:
    """The difference of two endpoints on shared items; None where they share none.

    first, second: shape (n,), the same items in the same order, NaN = not answered (an item counts when both
    answered). clusters: n labels, heeded where any repeats. bounds: of one score; None for a score without
    bounds (latency). 0/1 scores: Tango's interval and exact McNemar. Other bounded scores, and clusters: the
    score method on differences. Sources: Miller, arXiv 2411.00640 (pairing, clustering); Tango 1998;
    stats.score.
    """
    require_level(level)
    one, two, labels = _shared(first, second, clusters)
    if one.size == 0:
        return None
    gaps = one - two
    b, c = int(np.sum(gaps > 0)), int(np.sum(gaps < 0))
    if bounds is None:
        return _unbounded(gaps, labels, level, b, c)
    require_bounds(np.concatenate([one, two]), bounds)
    if labels is None and is_binary(one) and is_binary(two):
        found = tango.limits(b, c, one.size, level)
        interval = Interval(found.low, found.high, "tango", level, (b - c) / one.size, one.size)
        return PairedDifference(
            interval.estimate, interval, mcnemar_exact(b, c), one.size, b, c, "mcnemar_exact"
        )
    return _scored(gaps, labels, level, bounds[1] - bounds[0], b, c)


def p_exceeds(
    first: ArrayLike, second: ArrayLike, difference: float, clusters: Labels | None = None
) -> float | None:
    """One-sided p-value against 'first - second is at most `difference`', for scores in [0, 1]; None without items.

    The test of non-inferiority with margin m is p_exceeds(new, old, -m). 0/1 scores: Tango's score test; else
    stats.score.
    """
    one, two, labels = _shared(first, second, clusters)
    if one.size == 0:
        return None
    require_bounds(np.concatenate([one, two]), UNIT)
    gaps = one - two
    if labels is None and is_binary(one) and is_binary(two):
        return tango.p_greater(int(np.sum(gaps > 0)), int(np.sum(gaps < 0)), one.size, difference)
    return score.p_greater(score.measure((gaps + 1.0) / 2.0, labels), (difference + 1.0) / 2.0)


def flips(first: ArrayLike, second: ArrayLike, threshold: float = 0.5) -> Flips:
    """Which shared items flipped: a score of at least `threshold` counts as right. Positions are those given."""
    one, two = vector(first, "first"), vector(second, "second")
    require_same_length(one, two, "first and second")
    both = ~np.isnan(one) & ~np.isnan(two)
    right, rival = one >= threshold, two >= threshold
    gained, lost = np.flatnonzero(both & right & ~rival), np.flatnonzero(both & ~right & rival)
    return Flips(tuple(gained.tolist()), tuple(lost.tolist()))


def _shared(
    first: ArrayLike, second: ArrayLike, clusters: Labels | None
) -> tuple[FloatArray, FloatArray, Labels | None]:
    one, two = vector(first, "first"), vector(second, "second")
    require_same_length(one, two, "first and second")
    both = ~np.isnan(one) & ~np.isnan(two)
    if clusters is None:
        return one[both], two[both], None
    if len(clusters) != one.size:
        raise BadArgument(
            f"clusters has {len(clusters)} labels for {one.size} items; give one label an item."
        )
    labels = picked(clusters, both)
    return one[both], two[both], labels if repeat(labels) else None


def _scored(
    gaps: FloatArray, labels: Labels | None, level: float, span: float, b: int, c: int
) -> PairedDifference:
    """Differences of scores lie in [-span, span]; half and shifted they lie in [0, 1], where 'no difference' is 1/2."""
    sample = score.measure((gaps / span + 1.0) / 2.0, labels)
    found = score.limits(sample, level)
    method = "one_cluster" if sample.size is None else "wilson_mean" if labels is None else "clustered_wilson"
    diff, n = float(gaps.mean()), gaps.size
    interval = Interval((2 * found.low - 1) * span, (2 * found.high - 1) * span, method, level, diff, n)
    test = "score" if labels is None else "clustered_score"
    return PairedDifference(diff, interval, score.p_different(sample, 0.5), n, b, c, test)


def _unbounded(
    gaps: FloatArray, labels: Labels | None, level: float, b: int, c: int
) -> PairedDifference | None:
    """Student's t on the differences; None where one item or one cluster shows no spread."""
    n, diff = gaps.size, float(gaps.mean())
    if labels is None:
        error, freedom = (float(gaps.std(ddof=1) / np.sqrt(n)) if n > 1 else None), n - 1
    else:
        found = clustered_mean(gaps, labels)
        error, freedom = found.standard_error, found.clusters - 1
    if error is None:
        return None
    method = "student_t" if labels is None else "clustered_t"
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * error
    interval = Interval(diff - half, diff + half, method, level, diff, n)
    distance = diff / error if error > 0.0 else (0.0 if diff == 0.0 else np.inf)
    return PairedDifference(diff, interval, float(2.0 * stats.t.sf(abs(distance), freedom)), n, b, c, method)
