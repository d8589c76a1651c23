"""Intervals for one mean. Ask `for_scores`: it picks the honest method and names it.

Every function takes plain numbers, returns an Interval, and returns None (never 0) where there is no data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evalhub.stats import betting, bootstrap, score
from evalhub.stats.arguments import (
    BadArgument,
    FloatArray,
    Labels,
    TooFewItems,
    is_binary,
    picked,
    require_bounds,
    require_count,
    require_level,
    vector,
)
from evalhub.stats.clusters import clustered_mean, distinct, repeat
from evalhub.stats.interval import Interval as Interval

SMALL: Final = 200
"""Below this many items the central limit theorem misleads (Bowyer et al., arXiv 2503.01747)."""
UNIT: Final = (0.0, 1.0)
"""The bounds of a score unless others are given."""


def wilson(successes: int, n: int, level: float = 0.95) -> Interval | None:
    """Wilson score interval of a proportion; None for n = 0. Source: Wilson, JASA 1927."""
    _require_proportion(successes, n, level)
    if n == 0:
        return None
    found = score.limits(score.Sample(successes / n, float(n)), level)
    return Interval(found.low, found.high, "wilson", level, successes / n, n)


def clopper_pearson(successes: int, n: int, level: float = 0.95) -> Interval | None:
    """Exact, conservative interval of a proportion; None for n = 0. Source: Clopper & Pearson 1934."""
    _require_proportion(successes, n, level)
    if n == 0:
        return None
    tail = (1.0 - level) / 2.0
    low = float(stats.beta.ppf(tail, successes, n - successes + 1)) if successes else 0.0
    high = float(stats.beta.isf(tail, successes + 1, n - successes)) if successes < n else 1.0
    return Interval(low, high, "clopper_pearson", level, successes / n, n)


def mean_t(scores: ArrayLike, level: float = 0.95, least: int = SMALL) -> Interval | None:
    """Student t interval of a mean, SE = sqrt(sum (s - mean)^2 / (n (n-1))).

    Source: Miller, arXiv 2411.00640. scores: shape (n,), NaN = not answered. None for no data. Raises
    TooFewItems below `least` items, where it is not honest for benchmark scores (arXiv 2503.01747).
    """
    require_level(level)
    values = _answered(scores)
    n, least = values.size, max(2, least)
    if n == 0:
        return None
    if n < least:
        raise TooFewItems(
            f"{n} items are too few for a t interval (at least {least}); "
            "use for_scores, which fits the method to them."
        )
    return _around(float(values.mean()), float(values.std(ddof=1) / np.sqrt(n)), n - 1, "student_t", level, n)


def wilson_mean(scores: ArrayLike, level: float = 0.95) -> Interval | None:
    """Wilson's interval for scores in [0, 1] that are not all 0 or 1: narrower by the spread they lack.

    Source: stats.score, which says how. scores: shape (n,), NaN = not answered; None for no data.
    """
    require_level(level)
    values = _answered(scores)
    if values.size == 0:
        return None
    return _scored(values, None, level)


def bounded_mean(
    scores: ArrayLike, level: float = 0.95, bounds: tuple[float, float] = UNIT
) -> Interval | None:
    """Betting interval of a bounded mean: guaranteed at every n, some 40 % wider than t where t is right.

    Source: Waudby-Smith & Ramdas, JRSSB 2024. scores: shape (n,), NaN = not answered; None for no data.
    """
    require_level(level)
    values = _answered(scores)
    if values.size == 0:
        return None
    require_bounds(values, bounds)
    low, span = bounds[0], bounds[1] - bounds[0]
    found = betting.fixed_bounds((values - low) / span, level)
    mean = float(values.mean())
    lower, upper = min(mean, low + span * found.low), max(mean, low + span * found.high)
    return Interval(lower, upper, "betting", level, mean, values.size)


def clustered(scores: ArrayLike, clusters: Labels, level: float = 0.95) -> Interval | None:
    """Cluster-robust t interval with C - 1 degrees of freedom. Source: Miller, arXiv 2411.00640, appendix A.

    scores: shape (n,), NaN = not answered. clusters: n labels. Raises TooFewItems for a single cluster.
    """
    require_level(level)
    values, labels = _answered_with(scores, clusters)
    if values.size == 0:
        return None
    found = clustered_mean(values, labels)
    if found.standard_error is None:
        raise TooFewItems(
            f"all {values.size} items lie in one cluster; a clustered interval needs at least 2."
        )
    return _around(found.mean, found.standard_error, found.clusters - 1, "clustered_t", level, values.size)


def clustered_wilson(scores: ArrayLike, clusters: Labels, level: float = 0.95) -> Interval | None:
    """Wilson's interval on the effective sample size of clustered scores in [0, 1]; right near 0 and 1 too.

    Source: stats.score, which says how. One cluster gives [0, 1]. scores: shape (n,), NaN = not answered.
    """
    require_level(level)
    values, labels = _answered_with(scores, clusters)
    if values.size == 0:
        return None
    return _scored(values, labels, level)


def bootstrap_bca(
    statistic: Callable[..., float],
    *columns: ArrayLike,
    clusters: Labels | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval | None:
    """BCa bootstrap of any statistic of one or more columns that belong together item by item; None for no items.

    Raises TooFewItems where resampling can show no spread. Source: Efron, JASA 1987 (scipy.stats.bootstrap).
    """
    require_level(level)
    arrays = tuple(vector(column, "column") for column in columns)
    if arrays and arrays[0].size == 0:
        return None
    found = bootstrap.bca(statistic, *arrays, clusters=clusters, level=level, resamples=resamples, seed=seed)
    return Interval(found.low, found.high, "bca", level, found.estimate, arrays[0].size)


def for_scores(
    scores: ArrayLike,
    clusters: Labels | None = None,
    level: float = 0.95,
    bounds: tuple[float, float] | None = UNIT,
) -> Interval | None:
    """The honest interval for the mean of these scores; `method` says which it is. No data: None.

    scores: shape (n,), NaN = not answered and left out. clusters: n labels, heeded where any repeats. bounds:
    lowest and highest possible score; None for a score without bounds (latency), which needs at least 2
    items. 0/1 scores: Wilson. Clusters: clustered Wilson. Other bounded scores: Wilson with the spread
    measured. Without bounds: t, cluster-robust where clusters repeat.
    """
    require_level(level)
    values, labels = (_answered(scores), None) if clusters is None else _answered_with(scores, clusters)
    if values.size == 0:
        return None
    heeded = labels if repeat(labels) else None
    if bounds is None:
        return _unbounded(values, heeded, level)
    require_bounds(values, bounds)
    low, span = bounds[0], bounds[1] - bounds[0]
    found = _scored((values - low) / span, heeded, level)
    return replace(
        found, low=low + span * found.low, high=low + span * found.high, estimate=float(values.mean())
    )


def _scored(values: FloatArray, labels: Labels | None, level: float) -> Interval:
    require_bounds(values, UNIT)
    sample = score.measure(values, labels)
    found = score.limits(sample, level)
    if sample.size is None:
        method = "one_cluster"
    elif labels is not None:
        method = "clustered_wilson"
    else:
        method = "wilson" if is_binary(values) else "wilson_mean"
    return Interval(found.low, found.high, method, level, sample.mean, values.size)


def _unbounded(values: FloatArray, labels: Labels | None, level: float) -> Interval | None:
    if labels is not None:
        return clustered(values, labels, level) if distinct(labels) > 1 else None
    return mean_t(values, level, least=2) if values.size > 1 else None


def _around(mean: float, error: float, freedom: int, method: str, level: float, n: int) -> Interval:
    half = float(stats.t.isf((1.0 - level) / 2.0, freedom)) * error
    return Interval(mean - half, mean + half, method, level, mean, n)


def _answered(scores: ArrayLike) -> FloatArray:
    values = vector(scores)
    return values[~np.isnan(values)]


def _answered_with(scores: ArrayLike, clusters: Labels) -> tuple[FloatArray, Labels]:
    values = vector(scores)
    if len(clusters) != values.size:
        raise BadArgument(
            f"clusters has {len(clusters)} labels for {values.size} scores; give one label an item."
        )
    kept = ~np.isnan(values)
    return values[kept], picked(clusters, kept)


def _require_proportion(successes: int, n: int, level: float) -> None:
    require_level(level)
    require_count(n, "n")
    require_count(successes, "successes")
    if successes > n:
        raise BadArgument(f"{successes} successes of {n}; successes cannot exceed n.")
