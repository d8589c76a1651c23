"""Bootstrap over items, or over clusters of items, for any statistic.

Source: Efron, "Better bootstrap confidence intervals", JASA 1987 (BCa), by scipy.stats.bootstrap. The
standard error is the standard deviation of the replicates; dividing that again by sqrt(replicates) is a bug
seen in the wild.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalhub.stats.arguments import BadArgument, FloatArray, IntArray, Labels, TooFewItems, codes

Statistic = Callable[..., float]


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """BCa bounds, the statistic on all items, and its standard error (the SD of the replicates)."""

    low: float
    high: float
    estimate: float
    standard_error: float


def bca(
    statistic: Statistic,
    *columns: FloatArray,
    clusters: Labels | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Bootstrapped:
    """BCa bounds of `statistic(*columns)`.

    columns: one or more arrays of shape (n,) that belong together item by item and are resampled together.
    clusters: n labels; whole clusters are then resampled. Raises TooFewItems where all items, or all
    clusters, give the same statistic: a bootstrap cannot see uncertainty there.
    """
    groups = _groups(columns, clusters)

    def on_groups(picked: IntArray) -> float:
        rows = np.concatenate([groups[group] for group in picked])
        return float(statistic(*(column[rows] for column in columns)))

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # scipy warns of degenerate data; the NaN it returns is turned into an error
        result = stats.bootstrap(
            (np.arange(len(groups)),),
            on_groups,
            n_resamples=resamples,
            confidence_level=level,
            method="BCa",
            vectorized=False,
            rng=np.random.default_rng(seed),
        )
    low, high = float(result.confidence_interval.low), float(result.confidence_interval.high)
    if np.isnan(low) or np.isnan(high):
        raise TooFewItems(
            f"each of {len(groups)} items or clusters gives the same statistic: resampling shows no spread; "
            "use intervals.for_scores, which stays honest there."
        )
    return Bootstrapped(low, high, float(statistic(*columns)), float(result.standard_error))


def _groups(columns: tuple[FloatArray, ...], clusters: Labels | None) -> list[IntArray]:
    if not columns or len({len(column) for column in columns}) != 1:
        raise BadArgument(
            f"columns have lengths {[len(c) for c in columns]}; give at least one, all of one length."
        )
    n = len(columns[0])
    if clusters is None:
        groups = [np.array([row]) for row in range(n)]
    else:
        label = codes(clusters, n)
        order = np.argsort(label, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    if len(groups) < 2:
        raise TooFewItems(f"a bootstrap needs at least 2 items or clusters, not {len(groups)}; gather more.")
    return groups
