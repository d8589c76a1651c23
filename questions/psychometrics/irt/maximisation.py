"""One step of the M half of EM: Fisher scoring of every item at once from expected counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from questions.psychometrics.irt.model import Slopes, curves
from questions.psychometrics.irt.prior import Prior
from questions.psychometrics.responses import Floats

_LEAST = 1e-300
_LONGEST = 2.0  # a step of the logit scale; longer ones come from flat likelihoods and overshoot
_RIDGE = 1e-8
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class _Score:
    """Gradient and information of each item's (a, d): a scalars (items), d vectors and matrices (items x m x m)."""

    gradient_a: Floats
    gradient_d: Floats
    aa: Floats
    ad: Floats
    dd: Floats


def improved(
    items: Slopes, counts: Floats, theta: Floats, prior: Prior | None, *, common_slope: bool
) -> Slopes:
    """Parameters after one Fisher-scoring step on expected counts, shape (items, K, nodes); with `common_slope` one
    slope serves all items (and meets the prior once).
    """
    score = _score(items, counts, theta)
    inverse = _inverse(score.dd + _prior_on_d(items, prior))
    gradient_d = score.gradient_d - (prior.intercept_curvature() if prior else 0.0) * _finite(items.d)
    lean = np.einsum("jkl,jl->jk", inverse, score.ad)
    curvature = score.aa - (lean * score.ad).sum(axis=1)
    gradient = score.gradient_a - (lean * gradient_d).sum(axis=1)
    if common_slope:
        curvature, gradient = curvature.sum(keepdims=True), gradient.sum(keepdims=True)
    if prior:
        pull, bend = prior.slope_terms(items.a[: len(gradient)])
        curvature, gradient = curvature + bend, gradient + pull
    step_a = np.broadcast_to(_short(gradient / (curvature + _RIDGE)), items.a.shape)
    step_d = _short(np.einsum("jkl,jl->jk", inverse, gradient_d) - lean * step_a[:, None])
    a = items.a + step_a
    return Slopes(np.maximum(a, 0.3 * items.a) if prior else a, _in_order(items.d, step_d))


def _score(items: Slopes, counts: Floats, theta: Floats) -> _Score:
    found = curves(items, theta)
    slopes = found.slopes[:, 1:-1]
    share = 1.0 / np.maximum(found.categories, _LEAST)
    ratio = counts * share
    gradient = slopes * (ratio[:, 1:] - ratio[:, :-1])
    asked = counts.sum(axis=1, keepdims=True)
    diagonal = asked * slopes**2 * (share[:, 1:] + share[:, :-1])
    beside = -asked * slopes[:, 1:] * slopes[:, :-1] * share[:, 1:-1]
    rows = diagonal.copy()
    rows[:, 1:] += beside
    rows[:, :-1] += beside
    return _Score(
        gradient_a=gradient.sum(axis=1) @ theta,
        gradient_d=gradient.sum(axis=2),
        aa=rows.sum(axis=1) @ theta**2,
        ad=rows @ theta,
        dd=_banded(diagonal.sum(axis=2), beside.sum(axis=2), np.isfinite(items.d)),
    )


def _banded(diagonal: Floats, beside: Floats, present: np.ndarray) -> Floats:
    """Tridiagonal matrices (items x m x m); 1 on the diagonal of thresholds an item does not have."""
    size = diagonal.shape[1]
    found = np.zeros((len(diagonal), size, size))
    at = np.arange(size)
    found[:, at, at] = np.where(present, diagonal + _RIDGE, 1.0)
    found[:, at[:-1], at[1:]] = found[:, at[1:], at[:-1]] = beside
    return found


def _inverse(matrices: Floats) -> Floats:
    """Of each; a division where they are 1 x 1, which LAPACK makes slow."""
    if matrices.shape[1] == 1:
        return np.asarray(1.0 / matrices)
    return np.asarray(np.linalg.inv(matrices), dtype=np.float64)


def _prior_on_d(items: Slopes, prior: Prior | None) -> Floats:
    bend = prior.intercept_curvature() if prior else 0.0
    result: Floats = bend * np.isfinite(items.d)[:, :, None] * np.eye(items.d.shape[1])
    return result


def _finite(d: Floats) -> Floats:
    return np.where(np.isfinite(d), d, 0.0)


def _short(step: Floats) -> Floats:
    return np.clip(step, -_LONGEST, _LONGEST)


def _in_order(d: Floats, step: Floats) -> Floats:
    """d + step, the step of an item halved until its intercepts descend strictly."""
    moved = d + np.where(np.isfinite(d), step, 0.0)
    for _ in range(_HALVINGS):
        with np.errstate(invalid="ignore"):
            crossed: NDArray[np.bool_] = np.any(np.diff(moved, axis=1) >= 0, axis=1)
        if not crossed.any():
            return moved
        moved[crossed] = np.where(np.isfinite(d[crossed]), (d[crossed] + moved[crossed]) / 2, d[crossed])
    return d
