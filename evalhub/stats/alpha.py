"""The arithmetic of Krippendorff's alpha, and its bootstrap over items. Source: Krippendorff, Content Analysis, chapter 12."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from evalhub.stats.arguments import BadArgument, FloatArray, matrix

Metric = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True, slots=True)
class Alpha:
    """alpha over `items` pairable items, bootstrap draws of it, and the chance that two ratings drawn at random differ."""

    alpha: float
    draws: FloatArray
    items: int
    chance_differ: float


def alpha_and_draws(ratings: ArrayLike, metric: Metric, resamples: int, seed: int) -> Alpha | None:
    """ratings: shape (items, raters), NaN = not rated. None where alpha is undefined (see krippendorff_alpha)."""
    if metric not in get_args(Metric):
        raise BadArgument(f"metric is {metric!r}; choose one of {', '.join(get_args(Metric))}.")
    values, counts = _counts(matrix(ratings, "ratings", "one row an item and one column a rater"))
    if len(counts) == 0 or (counts.sum(axis=0) > 0).sum() < 2:
        return None
    if metric == "ratio" and values.min() < 0.0:
        raise BadArgument(
            f"ratings go down to {values.min():g}; the ratio metric needs numbers of at least 0."
        )
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(len(counts), np.full(len(counts), 1.0 / len(counts)), size=resamples)
    draws = np.array([_alpha(values, counts, weight.astype(np.float64), metric) for weight in weights])
    whole = _alpha(values, counts, np.ones(len(counts)), metric)
    share = counts.sum(axis=0) / counts.sum()
    usable = draws[~np.isnan(draws)]
    return Alpha(
        whole, usable if usable.size else np.array([whole]), len(counts), float(1.0 - (share**2).sum())
    )


def _counts(ratings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(the distinct values, how often each was given to each item): items with fewer than two ratings pair with nothing."""
    ratings = ratings[(~np.isnan(ratings)).sum(axis=1) >= 2]
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = (
        np.stack([(ratings == value).sum(axis=1) for value in values], axis=1)
        if values.size
        else ratings[:, :0]
    )
    return values, counts.astype(np.float64)


def _alpha(values: FloatArray, counts: FloatArray, weight: FloatArray, metric: Metric) -> float:
    """1 - observed / expected disagreement with each item counted `weight` times; NaN where only one value occurs."""
    scaled = weight / (counts.sum(axis=1) - 1.0)
    coincidence = (counts * scaled[:, None]).T @ counts - np.diag(scaled @ counts)
    totals = coincidence.sum(axis=1)
    gap = _squared_gap(values, totals, metric)
    expected = float(totals @ gap @ totals) / (totals.sum() - 1.0)
    if expected <= 0.0:
        return float("nan")
    return float(1.0 - (coincidence * gap).sum() / expected)


def _squared_gap(values: FloatArray, totals: FloatArray, metric: Metric) -> FloatArray:
    if metric == "nominal":
        return np.asarray(values[:, None] != values[None, :], dtype=np.float64)
    if metric == "interval":
        return np.asarray((values[:, None] - values[None, :]) ** 2)
    if metric == "ratio":
        total = values[:, None] + values[None, :]
        return np.asarray(((values[:, None] - values[None, :]) / np.where(total > 0.0, total, 1.0)) ** 2)
    # ordinal: all ratings between two values, and half of those on them
    middle = np.cumsum(totals) - totals / 2.0
    return np.asarray((middle[:, None] - middle[None, :]) ** 2)
