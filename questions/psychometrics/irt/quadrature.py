"""The nodes of ability that integrals are summed over, and what a pattern of answers says about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questions.psychometrics.irt.model import Slopes, curves, log_categories
from questions.psychometrics.responses import Floats, Patterns

NODES, REACH = 61, 6.0


@dataclass(frozen=True, slots=True)
class Grid:
    """Abilities (nodes) and their prior weights, which add up to 1."""

    theta: Floats
    weights: Floats


def normal_grid(nodes: int = NODES, reach: float = REACH) -> Grid:
    """Equally spaced nodes from -reach to reach with standard normal weights: the grid of mirt and of Bock and
    Aitkin 1981.
    """
    theta = np.linspace(-reach, reach, nodes)
    weights = np.exp(-0.5 * theta**2)
    return Grid(theta, weights / weights.sum())


@dataclass(frozen=True, slots=True)
class Indicators:
    """Who gave which answer, as 0/1 matrices of patterns x items: one for each category above the lowest, and one of
    who was asked at all (None: everybody was asked everything, which halves the work).
    """

    above: tuple[Floats, ...]
    asked: Floats | None
    patterns: int

    @classmethod
    def of(cls, found: Patterns, categories: int) -> Indicators:
        asked = found.categories >= 0
        above = tuple((found.categories == k).astype(np.float64) for k in range(1, categories))
        return cls(above, None if asked.all() else asked.astype(np.float64), len(asked))

    def log_likelihood(self, log_p: Floats) -> Floats:
        """log P(pattern | node), shape (patterns, nodes), from log P(category), shape (items, K, nodes)."""
        lowest = log_p[:, 0]
        total = np.tile(lowest.sum(axis=0), (self.patterns, 1)) if self.asked is None else self.asked @ lowest
        for k, indicator in enumerate(self.above, start=1):
            total += indicator @ (log_p[:, k] - lowest)
        return total

    def expected(self, weights: Floats) -> Floats:
        """Sums over the patterns that gave each category of weights (patterns x nodes), shape (items, K, nodes)."""
        higher = [indicator.T @ weights for indicator in self.above]
        asked = weights.sum(axis=0) if self.asked is None else self.asked.T @ weights
        return np.stack([np.maximum(asked - sum(higher), 0.0), *higher], axis=1)


@dataclass(frozen=True, slots=True)
class Posterior:
    """`shares` (patterns x nodes) of ability given each pattern, and `log_marginal` (patterns) log P(pattern)."""

    shares: Floats
    log_marginal: Floats


def posterior(items: Slopes, indicators: Indicators, grid: Grid) -> Posterior:
    """Bayes' rule over the grid."""
    log_joint = indicators.log_likelihood(log_categories(curves(items, grid.theta))) + np.log(grid.weights)
    top = log_joint.max(axis=1, keepdims=True)
    log_joint -= top
    np.exp(log_joint, out=log_joint)
    sums = log_joint.sum(axis=1, keepdims=True)
    return Posterior(log_joint / sums, (top + np.log(sums)).ravel())
