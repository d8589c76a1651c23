"""Item noise, generation noise and judge noise shown apart: Var(mean) = (Var_items + Var_repeats / K + ...) / n.

Source: "Measuring all the noises of LLM evals", arXiv 2512.21326; nested analysis of variance by the method
of moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evalhub.stats.arguments import BadArgument, FloatArray, Labels, TooFewItems, require_count
from evalhub.stats.intervals import Interval, for_scores


@dataclass(frozen=True, slots=True)
class VarianceSplit:
    """Variance of a score by where it comes from, in squared score units.

    `items`: between questions; `repeats`: between generations for one question; `judgings`: between gradings
    of one answer. None where the data cannot tell (nothing was repeated): that noise is then inside the one
    before it.
    """

    items: float
    repeats: float | None
    judgings: float | None
    n: int

    def standard_error(self, items: int, repeats: int = 1, judgings: int = 1) -> float:
        """The standard error of the mean that a run of this shape would have, in score units."""
        for value, name in ((items, "items"), (repeats, "repeats"), (judgings, "judgings")):
            require_count(value, name, least=1)
        per_item = (
            self.items + (self.repeats or 0.0) / repeats + (self.judgings or 0.0) / (repeats * judgings)
        )
        return float(np.sqrt(per_item / items))


def split(scores: ArrayLike) -> VarianceSplit | None:
    """The variance components of `scores`, shape (items, repeats) or (items, repeats, judgings), NaN where missing.

    None for no data; raises TooFewItems for a single item. Negative estimates of a component are set to 0.
    """
    cells = _cells(scores)
    cells = cells[~np.isnan(cells).all(axis=(1, 2))]
    if len(cells) == 0:
        return None
    if len(cells) < 2:
        raise TooFewItems("1 item shows no variance between items; give scores for at least 2 items.")
    rows, columns, _ = cells.shape
    judgings, answers, noise = _within(cells.reshape(rows * columns, -1), np.zeros(cells.size))
    repeats, means, noise = _within(answers.reshape(rows, columns), noise)
    between = float(means.var(ddof=1) - noise.mean())
    return VarianceSplit(max(0.0, between), repeats, judgings, len(cells))


def mean_interval(scores: ArrayLike, clusters: Labels | None = None, level: float = 0.95) -> Interval | None:
    """The interval of the mean over items of each item's mean over its repeats: n is items, never generations.

    scores: shape (items, repeats) or (items, repeats, judgings), in [0, 1], NaN where missing. None for no
    data.
    """
    cells = _cells(scores)
    answers = _means(cells.reshape(-1, cells.shape[2])).reshape(cells.shape[:2])
    return for_scores(_means(answers), clusters, level)


def _cells(scores: ArrayLike) -> FloatArray:
    cells = np.array(scores, dtype=np.float64)
    if cells.ndim == 2:
        cells = cells[:, :, None]
    if cells.ndim != 3:
        raise BadArgument(
            f"scores have shape {cells.shape}; give (items, repeats) or (items, repeats, judgings)."
        )
    if np.isinf(cells).any():
        raise BadArgument("scores hold an infinite value; give NaN for what is missing.")
    return cells


def _within(groups: FloatArray, noise: FloatArray) -> tuple[float | None, FloatArray, FloatArray]:
    """(variance within groups beyond the entries' own noise, the groups' means, the noise variance of those means).

    groups: shape (g, m), NaN where missing. noise: the variance each entry carries already, g * m numbers.
    The variance is None where no group has two entries.
    """
    present = ~np.isnan(groups)
    count = present.sum(axis=1)
    means = _means(groups)
    carried = _means(np.where(present, noise.reshape(groups.shape), np.nan))
    squares = np.where(present, (groups - means[:, None]) ** 2, 0.0).sum(axis=1)
    several = count >= 2
    found = None
    if several.any():
        found = max(0.0, float(np.mean(squares[several] / (count[several] - 1) - carried[several])))
    return found, means, ((found or 0.0) + carried) / np.maximum(count, 1)


def _means(groups: FloatArray) -> FloatArray:
    """Row means over what is present; NaN for an empty row."""
    present = ~np.isnan(groups)
    count = present.sum(axis=1)
    total = np.where(present, groups, 0.0).sum(axis=1)
    means: FloatArray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means
