"""All pairs of endpoints at once: differences on shared items, their standard errors, and bootstrap draws of them.

The bootstrap is a matrix product: resampling weights (resamples x items) times paired differences (items x
pairs).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evalhub.stats.arguments import FloatArray, IntArray

Draws = NDArray[np.float32]
_PSEUDO = 2.0  # pseudo-items in a pair's standard error: one won outright, one lost


@dataclass(frozen=True, slots=True)
class PairTable:
    """One entry a pair j < k of `endpoints` endpoints.

    first, second: j and k. difference: mean of j minus mean of k on shared items. statistic: that difference
    in standard errors, made cautious for few items; 0 where the pair shares fewer than 2. draws: shape
    (resamples, pairs), the centred bootstrap differences in the same standard errors.
    """

    endpoints: int
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    difference: FloatArray
    statistic: FloatArray
    draws: Draws


def pair_table(cells: FloatArray, label: IntArray | None, resamples: int, seed: int) -> PairTable:
    """cells: shape (items, p) in [0, 1], NaN = not answered; label: cluster codes 0..C-1 an item, or None."""
    p = cells.shape[1]
    first, second = np.triu_indices(p, k=1)
    gaps = cells[:, first] - cells[:, second]
    present = ~np.isnan(gaps)
    shared = present.sum(axis=0).astype(np.float64)
    difference = np.where(present, gaps, 0.0).sum(axis=0) / np.maximum(shared, 1.0)
    centred = np.where(present, gaps - difference, 0.0)
    groups = present.astype(np.float64)
    if label is not None:
        centred, groups = _by_cluster(centred, label), _by_cluster(groups, label)
    held = (groups > 0).sum(axis=0)
    error = _error(centred, shared, held, difference)
    statistic = _cautious(difference / error, held)
    if np.isin(cells[~np.isnan(cells)], (0.0, 1.0)).all():
        statistic = _no_bolder_than_mcnemar(statistic, gaps)
    # drawing from n leaves out 1/n of the variance, which matters where n is a handful of clusters
    scale = np.asarray(np.sqrt(held / np.maximum(held - 1, 1)) / error, dtype=np.float32)
    draws = _draws(centred, groups, shared, resamples, seed) * scale
    return PairTable(p, first, second, difference, statistic, draws)


def _by_cluster(values: FloatArray, label: IntArray) -> FloatArray:
    sums = np.zeros((int(label.max()) + 1, values.shape[1]))
    np.add.at(sums, label, values)
    return sums


def _error(centred: FloatArray, shared: FloatArray, held: IntArray, difference: FloatArray) -> FloatArray:
    """Cluster-robust standard error of each difference, with one item won and one lost added; inf where unknown."""
    factor = held / np.maximum(held - 1, 1)
    squares = factor * np.square(centred).sum(axis=0) + (1.0 - difference) ** 2 + (1.0 + difference) ** 2
    return np.where(held >= 2, np.sqrt(squares) / (shared + _PSEUDO), np.inf)


def _cautious(statistic: FloatArray, held: IntArray) -> FloatArray:
    """Student's tail for few items, said in normal deviates."""
    freedom = np.maximum(held - 1, 1)
    tail = stats.t.logsf(np.abs(statistic), freedom)
    deviate = -stats.norm.ppf(np.exp(tail))
    bounded = np.where(np.isfinite(deviate), deviate, np.abs(statistic))
    return np.asarray(np.sign(statistic) * np.minimum(np.abs(statistic), bounded), dtype=np.float64)


def _no_bolder_than_mcnemar(statistic: FloatArray, gaps: FloatArray) -> FloatArray:
    better, worse = (gaps > 0).sum(axis=0), (gaps < 0).sum(axis=0)
    tail = stats.binom.cdf(np.minimum(better, worse), better + worse, 0.5)
    deviate = -stats.norm.ppf(np.clip(tail, 1e-300, 0.5))
    return np.asarray(np.sign(statistic) * np.minimum(np.abs(statistic), deviate), dtype=np.float64)


def _draws(centred: FloatArray, groups: FloatArray, shared: FloatArray, resamples: int, seed: int) -> Draws:
    """Centred bootstrap differences, shape (resamples, pairs): items or clusters drawn with replacement."""
    rows = len(centred)
    if rows == 0 or centred.shape[1] == 0:
        return np.zeros((resamples, centred.shape[1]), dtype=np.float32)
    picked = np.random.default_rng(seed).integers(0, rows, size=(resamples, rows), dtype=np.int32)
    picked += np.arange(resamples, dtype=np.int32)[:, None] * np.int32(rows)
    weights = (
        np.bincount(picked.ravel(), minlength=resamples * rows).reshape(resamples, rows).astype(np.float32)
    )
    sums = weights @ centred.astype(np.float32)
    if (groups == groups[0, 0]).all():
        return np.asarray(sums / np.maximum(shared, 1.0).astype(np.float32))
    counts = weights @ groups.astype(np.float32)
    return np.asarray(sums / np.maximum(counts, 1.0))
