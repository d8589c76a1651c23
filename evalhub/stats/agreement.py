"""Agreement beyond chance, always with an interval; raw per cent alone flatters a lopsided scale.

Sources: Cohen, Educ. Psychol. Meas. 1960 and Psychol. Bulletin 1968; variance: Fleiss, Cohen & Everitt,
Psychol. Bulletin 1969; Krippendorff, Content Analysis, chapter 12. Oracles: scikit-learn, statsmodels,
krippendorff.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evalhub.stats.alpha import Metric, alpha_and_draws
from evalhub.stats.arguments import (
    BadArgument,
    FloatArray,
    require_level,
    require_same_length,
    vector,
)
from evalhub.stats.interval import Interval
from evalhub.stats.score import Sample, limits

Weighting = Literal["none", "linear", "quadratic"]


def cohen_kappa(
    first: Sequence[object] | ArrayLike, second: Sequence[object] | ArrayLike, level: float = 0.95
) -> Interval | None:
    """Cohen's kappa of two raters' labels (any hashable), one pair an item; None for no items.

    Also None where both gave one and the same label throughout: chance agreement is then perfect and kappa
    undefined.
    """
    one, two = list(first), list(second)  # type: ignore[arg-type]  # any iterable of labels
    if len(one) != len(two):
        raise BadArgument(f"the raters gave {len(one)} and {len(two)} labels; give one of each per item.")
    places: dict[object, int] = {}
    coded = [[places.setdefault(label, len(places)) for label in rater] for rater in (one, two)]
    return _kappa(np.array(coded[0], dtype=np.float64), np.array(coded[1], dtype=np.float64), "none", level)


def quadratic_kappa(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Interval | None:
    """Quadratic weighted kappa of two raters' scores, shape (n,), NaN = not rated; disagreement is the squared gap.

    None for no items rated by both, or where all scores are one number.
    """
    return _kappa(*_rated(first, second), "quadratic", level)


def linear_kappa(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Interval | None:
    """Linearly weighted kappa, as quadratic_kappa but disagreement is the gap itself."""
    return _kappa(*_rated(first, second), "linear", level)


def krippendorff_alpha(
    ratings: ArrayLike,
    metric: Metric = "nominal",
    level: float = 0.95,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval | None:
    """Krippendorff's alpha with a percentile bootstrap interval over items.

    ratings: shape (items, raters), numbers, NaN = not rated; any number of raters, missing ratings allowed.
    metric: nominal, ordinal, interval or ratio. None where no item has two ratings, or all ratings are one
    number.
    """
    require_level(level)
    found = alpha_and_draws(ratings, metric, resamples, seed)
    if found is None:
        return None
    low, high = np.quantile(found.draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    if found.alpha == 1.0:
        low = _perfect_low(found.items, found.chance_differ, level)
    return Interval(
        min(float(low), found.alpha),
        max(float(high), found.alpha),
        "bootstrap",
        level,
        found.alpha,
        found.items,
    )


def _rated(first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    one, two = vector(first, "first"), vector(second, "second")
    require_same_length(one, two, "first and second")
    both = ~np.isnan(one) & ~np.isnan(two)
    return one[both], two[both]


def _kappa(one: FloatArray, two: FloatArray, weighting: Weighting, level: float) -> Interval | None:
    require_level(level)
    n = one.size
    values, coded = np.unique(np.concatenate([one, two]), return_inverse=True)
    if n == 0 or values.size < 2:
        return None
    table = np.zeros((values.size, values.size))
    np.add.at(table, (coded[:n], coded[n:]), 1.0 / n)
    agreement = 1.0 - _distance(values, weighting)
    kappa, _ = _value(table, agreement)
    differ = 1.0 - float(table.sum(axis=1) @ table.sum(axis=0))
    if max(table.sum(axis=1).max(), table.sum(axis=0).max()) > 1.0 - 1e-9:
        # one rater used a single label: kappa is 0 and its variance vanishes whatever the truth, so two items are added
        table = (table * n + 2.0 / values.size**2) / (n + 2.0)
    error = _error(table, agreement, n)
    half = float(stats.norm.isf((1.0 - level) / 2.0)) * error
    low, high = max(-1.0, kappa - half), min(1.0, kappa + half)
    if np.array_equal(one, two):
        kappa, low, high = 1.0, _perfect_low(n, differ, level), 1.0
    return Interval(low, high, "delta", level, kappa, n)


def _value(table: FloatArray, agreement: FloatArray) -> tuple[float, float]:
    """(kappa, agreement by chance) of a table of shares."""
    chance = float(table.sum(axis=1) @ agreement @ table.sum(axis=0))
    return (float((table * agreement).sum()) - chance) / (1.0 - chance), chance


def _error(table: FloatArray, agreement: FloatArray, n: int) -> float:
    """Large-sample standard error of kappa (Fleiss, Cohen & Everitt 1969)."""
    kappa, chance = _value(table, agreement)
    margins = (agreement @ table.sum(axis=0))[:, None] + (table.sum(axis=1) @ agreement)[None, :]
    spread = (table * (agreement - margins * (1.0 - kappa)) ** 2).sum() - (
        kappa - chance * (1.0 - kappa)
    ) ** 2
    return float(np.sqrt(max(spread, 0.0) / n) / (1.0 - chance))


def _distance(values: FloatArray, weighting: Weighting) -> FloatArray:
    """Disagreement of two values, scaled so that the largest is 1."""
    gap = np.abs(values[:, None] - values[None, :])
    if weighting == "none":
        return np.asarray(gap > 0, dtype=np.float64)
    gap = gap**2 if weighting == "quadratic" else gap
    return np.asarray(gap / gap.max())


def _perfect_low(n: int, chance_differ: float, level: float) -> float:
    """The lower limit where n of n items agree: variances vanish there, but 3 in n may still disagree."""
    return max(-1.0, 1.0 - (1.0 - limits(Sample(1.0, float(n)), level).low) / chance_differ)
