"""Adjusted p-values for many comparisons: Holm for gates, Benjamini-Hochberg for screening."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evalhub.stats.arguments import BadArgument, FloatArray, vector


def holm(p_values: ArrayLike) -> FloatArray:
    """Holm's step-down adjusted p-values, shape as given; the family-wise error is held under any dependence.

    Source: Holm, Scand. J. Statistics 1979. Reject where the result is at most alpha.
    """
    p, order = _sorted(p_values)
    steps = np.arange(p.size, 0, -1) * p[order]
    return _back(np.minimum(1.0, np.maximum.accumulate(steps)), order)


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Benjamini-Hochberg adjusted p-values, shape as given; holds the false discovery rate, for screening only.

    Source: Benjamini & Hochberg, JRSS-B 1995. Reject where the result is at most the rate wanted.
    """
    p, order = _sorted(p_values)
    steps = p.size / np.arange(1, p.size + 1) * p[order]
    return _back(np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1]), order)


def _sorted(p_values: ArrayLike) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    p = vector(p_values, "p-values")
    if np.isnan(p).any() or (p < 0.0).any() or (p > 1.0).any():
        raise BadArgument(
            f"p-values are {p.tolist()}; each must lie between 0 and 1. Leave out what was not tested."
        )
    return p, np.argsort(p, kind="stable")


def _back(adjusted: FloatArray, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> FloatArray:
    result = np.empty_like(adjusted)
    result[order] = adjusted
    return result
