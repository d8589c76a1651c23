"""Standard errors of item parameters from the observed information, by Louis's identity (1982).

observed = E[information were abilities known | answers] - sum over persons of Cov[their score | answers]. The score of
a threshold at ability theta is u = d log P(answer) / d(a theta + d_k), and the slope's is theta times the sum of the
item's u, so everything is built from the u alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from questions.psychometrics.irt.model import Curves, Slopes, curves
from questions.psychometrics.irt.prior import Prior
from questions.psychometrics.irt.quadrature import Grid, Posterior
from questions.psychometrics.responses import Floats, Ints, Patterns

_LEAST = 1e-300
_NO_MASS = 1e-6  # posterior shares below this change no digit of a standard error


@dataclass(frozen=True, slots=True)
class Errors:
    """Standard errors of slopes (items) and intercepts (items x m), and the covariances of slope and intercepts
    (items x m); NaN where an item has fewer intercepts.
    """

    a: Floats
    d: Floats
    a_with_d: Floats


@dataclass(frozen=True, slots=True)
class _Layout:
    """The finite thresholds in a row: the item and number (from 1) of each, the place where each slope's own begin
    (`starts`), and the slope each contains (`slope_of`).
    """

    present: NDArray[np.bool_]
    items: Ints
    places: Ints
    starts: Ints
    slope_of: Ints

    @classmethod
    def of(cls, items: Slopes, *, common_slope: bool) -> _Layout:
        present = np.isfinite(items.d)
        owners, thresholds = np.nonzero(present)
        slope_of = np.zeros(len(owners), dtype=np.intp) if common_slope else owners
        starts = np.array([0]) if common_slope else np.unique(owners, return_index=True)[1]
        return cls(present, owners, thresholds + 1, starts, slope_of)

    @property
    def slopes(self) -> int:
        return len(self.starts)

    def by_slope(self, matrix: Floats) -> Floats:
        """Sums of the columns that belong to each slope."""
        return np.add.reduceat(matrix, self.starts, axis=1)


def standard_errors(
    items: Slopes,
    found: Patterns,
    after: Posterior,
    grid: Grid,
    prior: Prior | None,
    *,
    common_slope: bool,
) -> Errors:
    """NaN throughout where the information is not positive definite: the data do not settle the parameters."""
    layout = _Layout.of(items, common_slope=common_slope)
    information = _observed(items, found, after, grid, layout)
    if prior:
        own = np.full(len(information), prior.intercept_curvature())
        own[: layout.slopes] = prior.slope_terms(items.a[: layout.slopes])[1]
        information[np.diag_indices_from(information)] += own
    factor, failed = lapack.dpotrf(information, lower=1)
    inverse = lapack.dpotri(factor, lower=1)[0] if not failed else np.full_like(information, np.nan)
    covariance = np.tril(inverse) + np.tril(inverse, -1).T
    return _spread(covariance, layout)


def _observed(items: Slopes, found: Patterns, after: Posterior, grid: Grid, layout: _Layout) -> Floats:
    """Information in the order: slopes, then thresholds item by item."""
    shown = curves(items, grid.theta)
    here = (found.categories[:, layout.items] == layout.places).astype(np.float32)
    below = (found.categories[:, layout.items] == layout.places - 1).astype(np.float32)
    share = 1.0 / np.maximum(shown.categories, _LEAST)
    slope = shown.slopes[layout.items, layout.places]
    up = slope * share[layout.items, layout.places]
    down = slope * share[layout.items, layout.places - 1]
    grams = np.zeros((3, len(slope), len(slope)))
    means = np.zeros((2, *here.shape), dtype=np.float32)
    up_there, down_there = up.astype(np.float32), down.astype(np.float32)
    for node, theta in enumerate(grid.theta):
        rows = np.nonzero(after.shares[:, node] > _NO_MASS)[0]
        if not len(rows):
            continue
        mass = after.shares[rows, node, None].astype(np.float32)
        scores = here[rows] * up_there[:, node] - below[rows] * down_there[:, node]
        rooted = scores * np.sqrt(mass * found.counts[rows, None].astype(np.float32))
        gram = rooted.T @ rooted
        for power in range(3):
            grams[power] += theta**power * gram
        scores *= mass
        means[0][rows] += scores
        means[1][rows] += np.float32(theta) * scores
    weighted = after.shares * found.counts[:, None]
    bends = _bends(shown, slope, up, down, (here.T @ weighted, below.T @ weighted), grid.theta, layout)
    return _expanded(bends - grams, layout) + _of_means(means, found.counts, layout)


def _of_means(means: NDArray[np.float32], counts: Floats, layout: _Layout) -> Floats:
    scores = np.hstack([np.add.reduceat(means[1], layout.starts, axis=1), means[0]])
    scores *= np.sqrt(counts).astype(np.float32)[:, None]
    result: Floats = (scores.T @ scores).astype(np.float64)
    return result


def _bends(
    shown: Curves,
    slope: Floats,
    up: Floats,
    down: Floats,
    expected: tuple[Floats, Floats],
    theta: Floats,
    layout: _Layout,
) -> Floats:
    """Minus the second derivatives in the predictors, expected: sums over nodes with theta^0, theta^1, theta^2, shape
    (3, thresholds, thresholds).

    In category c between boundaries c and c + 1, with w = P*(1 - P*) and w' = w (1 - 2 P*):
    -d2/d eta_c^2 = (w_c / P)^2 - w'_c / P;  -d2/d eta_{c+1}^2 = (w_{c+1} / P)^2 + w'_{c+1} / P;  cross -w_c w_{c+1} / P^2.
    """
    here, below = expected
    turn = 1.0 - 2.0 * shown.boundaries[layout.items, layout.places]
    diagonal = here * (up**2 - up * turn) + below * (down**2 + down * turn)
    first = np.nonzero(layout.items[1:] == layout.items[:-1])[0]
    beside = -here[first] * up[first] * down[first + 1]
    found = np.zeros((3, len(slope), len(slope)))
    for power in range(3):
        np.fill_diagonal(found[power], diagonal @ theta**power)
        found[power, first, first + 1] = found[power, first + 1, first] = beside @ theta**power
    return found


def _expanded(powers: Floats, layout: _Layout) -> Floats:
    """From sums of theta^0, theta^1, theta^2 times threshold matrices to one over slopes and thresholds."""
    plain, once, twice = powers
    corner = layout.by_slope(once).T
    return np.block([[layout.by_slope(layout.by_slope(twice).T), corner], [corner.T, plain]])


def _spread(covariance: Floats, layout: _Layout) -> Errors:
    deviations = np.sqrt(np.diag(covariance))
    d, a_with_d = np.full(layout.present.shape, np.nan), np.full(layout.present.shape, np.nan)
    d[layout.present] = deviations[layout.slopes :]
    own = layout.slope_of
    a_with_d[layout.present] = covariance[own, layout.slopes + np.arange(len(own))]
    a = np.broadcast_to(deviations[: layout.slopes], len(layout.present)).copy()
    return Errors(a, d, a_with_d)
