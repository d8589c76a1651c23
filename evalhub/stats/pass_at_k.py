"""pass@k: some of k generations is right. pass^k: all of k are. Both unbiased from n >= k generations an item.

Sources: Chen et al., arXiv 2107.03374 (pass@k); Yao et al., tau-bench, arXiv 2406.12045 (pass^k).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from evalhub.stats.arguments import BadArgument, FloatArray, Labels, TooFewItems, require_count
from evalhub.stats.intervals import Interval, for_scores


def pass_at_k(n: int, correct: int, k: int) -> float:
    """1 - C(n - c, k) / C(n, k): the chance that a random k of n generations, c of them right, hold a right one."""
    _require(n, correct, k)
    if n - correct < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - correct + 1, n + 1)))


def pass_hat_k(n: int, correct: int, k: int) -> float:
    """C(c, k) / C(n, k): the chance that a random k of n generations, c of them right, are all right."""
    _require(n, correct, k)
    if correct < k:
        return 0.0
    return float(np.prod((correct - np.arange(k)) / (n - np.arange(k))))


def mean_pass_at_k(
    n: ArrayLike, correct: ArrayLike, k: int, clusters: Labels | None = None
) -> Interval | None:
    """pass@k over items with its interval over items. n, correct: shape (items,). None for no items."""
    return for_scores(_each(pass_at_k, n, correct, k), clusters)


def mean_pass_hat_k(
    n: ArrayLike, correct: ArrayLike, k: int, clusters: Labels | None = None
) -> Interval | None:
    """pass^k over items with its interval over items. n, correct: shape (items,). None for no items."""
    return for_scores(_each(pass_hat_k, n, correct, k), clusters)


def _each(measure: Callable[[int, int, int], float], n: ArrayLike, correct: ArrayLike, k: int) -> FloatArray:
    tried, right = np.asarray(n), np.asarray(correct)
    if tried.ndim != 1 or tried.shape != right.shape:
        raise BadArgument(
            f"n and correct have shapes {tried.shape} and {right.shape}; give one number of each an item."
        )
    return np.array([measure(int(a), int(b), k) for a, b in zip(tried, right, strict=True)], dtype=np.float64)


def _require(n: int, correct: int, k: int) -> None:
    require_count(n, "n")
    require_count(correct, "correct")
    require_count(k, "k", least=1)
    if correct > n:
        raise BadArgument(f"{correct} right of {n} generations; correct cannot exceed n.")
    if k > n:
        raise TooFewItems(f"k is {k} but an item has {n} generations; lower k, or generate at least {k}.")
