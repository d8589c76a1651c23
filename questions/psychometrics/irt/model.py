"""The graded response model; with two categories it is the 2PL, with one slope for all items the 1PL.

P(score of item j is in category k or above | theta) = 1 / (1 + exp(-(a_j theta + d_jk))), k = 1 .. K_j - 1, with
d_j1 > d_j2 > ...; in the 2PL b_j = -d_j / a_j. Samejima 1969; Birnbaum 1968. Ability is N(0, 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from questions.psychometrics.responses import Floats

_LEAST = 1e-300


@dataclass(frozen=True, slots=True)
class Slopes:
    """Parameters of all items: slopes `a` (items) and intercepts `d` (items x most thresholds, -inf where an item has
    fewer). Categories of item j: 1 + number of its finite intercepts.
    """

    a: Floats
    d: Floats

    @property
    def thresholds(self) -> Floats:
        """How many finite intercepts each item has, shape (items)."""
        found: Floats = np.isfinite(self.d).sum(axis=1).astype(np.float64)
        return found


@dataclass(frozen=True, slots=True)
class Curves:
    """What the items do at each node of ability.

    `boundaries` P(category >= k), shape (items, K + 1, nodes) with rows of 1 and 0 at the ends; `categories`
    P(category = k), shape (items, K, nodes); `slopes` boundaries * (1 - boundaries).
    """

    boundaries: Floats
    categories: Floats
    slopes: Floats


def curves(items: Slopes, theta: Floats) -> Curves:
    """The response curves at these abilities, shape (nodes)."""
    with np.errstate(invalid="ignore"):
        inner = expit(items.a[:, None, None] * theta + items.d[:, :, None])
    shape = (len(items.a), 1, len(theta))
    boundaries = np.concatenate([np.ones(shape), inner, np.zeros(shape)], axis=1)
    return Curves(boundaries, boundaries[:, :-1] - boundaries[:, 1:], boundaries * (1.0 - boundaries))


def log_categories(found: Curves) -> Floats:
    """log P(category), shape (items, K, nodes); categories an item does not have count as never seen."""
    return np.log(np.maximum(found.categories, _LEAST))


def information(items: Slopes, theta: Floats) -> Floats:
    """Fisher information about theta, shape (items, nodes): sum over categories of P'^2 / P (Samejima 1969).

    For the 2PL it is a^2 P (1 - P).
    """
    found = curves(items, np.atleast_1d(theta))
    steps = items.a[:, None, None] * (found.slopes[:, :-1] - found.slopes[:, 1:])
    result: Floats = (steps**2 / np.maximum(found.categories, _LEAST)).sum(axis=1)
    return result
