"""Betting bounds for the mean of scores in [0, 1]: honest at any n, and at any time.

A gambler who believes the mean is not m bets against m on every score. When the mean is m, her capital is a
nonnegative martingale, so by Ville's inequality it reaches 1/alpha with probability at most alpha: values of
m against which she grew that rich are excluded. Nothing is assumed of the scores but their bounds.

Source: Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting", JRSSB 2024 (hedged
capital and predictable plug-in bets, section 4; sampling without replacement, section 5).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from evalhub.stats.arguments import FloatArray, IntArray

_TINY = 1e-12
_SEQUENCE_CAP = (
    0.5  # bets against m stay below this share of ruin (c in the paper); 1/2 keeps early steps calm
)
_FIXED_CAP = 0.75  # a fixed-n interval has no early steps to protect
_ORDERS = 8  # orders of the scores that a fixed-n interval averages over
_CHUNK = 512


class Bounds(NamedTuple):
    low: float
    high: float


class RunningBounds(NamedTuple):
    """`low[t]` and `high[t]` bound the mean after t + 1 scores, shape (n,) each."""

    low: FloatArray
    high: FloatArray


def fixed_bounds(scores: FloatArray, level: float) -> Bounds:
    """Bounds for the mean of independent scores in [0, 1], shape (n,), n >= 1, n chosen beforehand.

    The answer does not depend on the order of the scores: they are sorted, shuffled by a fixed generator, and
    the capital is averaged over several orders (an average of e-values is an e-value).
    """
    alpha = 1.0 - level
    orders = _orders(scores)
    bets = _bets(orders, alpha, horizon=scores.size)
    target = np.log(2.0 / alpha)
    low = _cross(orders, bets, target)
    high = 1.0 - _cross(1.0 - orders, bets, target)
    return Bounds(low, high)


def p_greater(scores: FloatArray, mean: float, level: float = 0.95) -> float:
    """One-sided p-value against 'the mean of these scores in [0, 1] is at most `mean`'; valid at every n.

    `level` only tunes how boldly the bets are placed.
    """
    alpha = 1.0 - level
    orders = _orders(scores)
    capital = _log_capital(orders, _bets(orders, alpha, horizon=scores.size), mean)
    return float(min(1.0, np.exp(-capital)))


def running_bounds(
    scores: FloatArray, level: float, population: int | None = None, steps: int = 1000
) -> RunningBounds:
    """A confidence sequence for the mean: all n pairs of bounds hold together with probability `level`.

    scores: shape (n,), in [0, 1], in the (random) order they arrived. population: how many items there are in
    all, for scores drawn without replacement; the bounds then shrink to a point when the last is seen.
    steps: fineness of the grid of candidate means; bounds are rounded outwards by one step.
    """
    grid = np.linspace(0.0, 1.0, steps + 1)
    bets = _bets(scores[np.newaxis, :], 1.0 - level, horizon=None)[0]
    before = np.concatenate(([0.0], np.cumsum(scores)[:-1]))
    target = np.log(2.0 / (1.0 - level))
    low, high = np.zeros(scores.size), np.ones(scores.size)
    up, down = np.zeros(grid.size), np.zeros(grid.size)
    for start in range(0, scores.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        times = np.arange(start, min(start + _CHUNK, scores.size))
        means = _conditional_means(grid, before[part], times, population)
        rise, fall = _log_growth(scores[part], means, bets[part])
        rises, falls = up[:, None] + np.cumsum(rise, axis=1), down[:, None] + np.cumsum(fall, axis=1)
        up, down = rises[:, -1], falls[:, -1]
        # capital against m falls as m rises (and the other way round), so what is left is an interval
        low[part] = (np.sum(rises >= target, axis=0) - 1.0) / steps
        high[part] = 1.0 - (np.sum(falls >= target, axis=0) - 1.0) / steps
    return _intersect(low, high, scores, population)


def _conditional_means(
    grid: FloatArray, before: FloatArray, times: IntArray, population: int | None
) -> FloatArray:
    """What the next score would be worth on average if the whole had mean m, shape (grid, times)."""
    if population is None:
        return np.broadcast_to(grid[:, None], (grid.size, times.size))
    left = population - times
    return np.clip((population * grid[:, None] - before[None, :]) / left[None, :], 0.0, 1.0)


def _log_growth(scores: FloatArray, means: FloatArray, bets: FloatArray) -> tuple[FloatArray, FloatArray]:
    inside = np.clip(means, _TINY, 1.0 - _TINY)
    upward = np.minimum(bets, _SEQUENCE_CAP / inside)
    downward = np.minimum(bets, _SEQUENCE_CAP / (1.0 - inside))
    gap = scores[None, :] - inside
    return np.log1p(upward * gap), np.log1p(-downward * gap)


def _intersect(
    low: FloatArray, high: FloatArray, scores: FloatArray, population: int | None
) -> RunningBounds:
    if population is not None:
        seen, total = np.arange(1, scores.size + 1), np.cumsum(scores)
        low = np.maximum(low, total / population)
        high = np.minimum(high, 1.0 - (seen - total) / population)
    low = np.maximum.accumulate(np.clip(low, 0.0, 1.0))
    high = np.minimum.accumulate(np.clip(high, 0.0, 1.0))
    # the two may only cross in the alpha share of runs where a bound failed; then they meet halfway
    middle = (low + high) / 2.0
    return RunningBounds(np.minimum(low, middle), np.maximum(high, middle))


def _orders(scores: FloatArray) -> FloatArray:
    """Several shuffles of the sorted scores, shape (orders, n): the same for any order they came in."""
    ordered = np.sort(scores)
    generator = np.random.default_rng(scores.size)
    return np.stack([generator.permutation(ordered) for _ in range(_ORDERS)])


def _bets(rows: FloatArray, alpha: float, horizon: int | None) -> FloatArray:
    """Predictable plug-in bets, shape as `rows`: each uses only the scores before it in its row."""
    count = np.arange(1, rows.shape[1] + 1)
    mean = (0.5 + np.cumsum(rows, axis=1)) / (count + 1)
    variance = (0.25 + np.cumsum((rows - mean) ** 2, axis=1)) / (count + 1)
    earlier = np.concatenate([np.full((rows.shape[0], 1), 0.25), variance[:, :-1]], axis=1)
    span = count * np.log(count + 1) if horizon is None else float(horizon)
    bets: FloatArray = np.sqrt(2.0 * np.log(2.0 / alpha) / (earlier * span))
    return bets


def _log_capital(rows: FloatArray, bets: FloatArray, mean: float) -> float:
    """Log of the capital, averaged over rows, of who bets that the mean exceeds `mean`; falls as that rises."""
    stakes = np.minimum(bets, _FIXED_CAP / max(mean, _TINY))
    growth = np.log1p(stakes * (rows - mean)).sum(axis=1)
    return float(logsumexp(growth) - np.log(rows.shape[0]))


def _cross(rows: FloatArray, bets: FloatArray, target: float) -> float:
    """The largest mean still excluded from below, to 2^-40, rounded down; 0 where none is."""
    low, high = 0.0, 1.0
    if _log_capital(rows, bets, low) < target:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2.0
        if _log_capital(rows, bets, middle) >= target:
            low = middle
        else:
            high = middle
    return low
