"""Marginal maximum likelihood by EM over patterns (Bock and Aitkin 1981), sped up by SQUAREM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questions.psychometrics.irt.maximisation import improved
from questions.psychometrics.irt.model import Slopes
from questions.psychometrics.irt.prior import Prior
from questions.psychometrics.irt.quadrature import Grid, Indicators, posterior
from questions.psychometrics.responses import Floats, Patterns

_DOWN = 1e-7  # an extrapolation may lose this share of the objective to rounding, no more


@dataclass(frozen=True, slots=True)
class Converged:
    """Where EM stopped: parameters, log-likelihood without the prior, EM steps, and whether it met the tolerance."""

    items: Slopes
    log_likelihood: float
    steps: int
    has_converged: bool


@dataclass(slots=True)
class Problem:
    """Data and model of one calibration; `step` is one EM step, which also says how good its start was."""

    indicators: Indicators
    counts: Floats
    grid: Grid
    prior: Prior | None
    common_slope: bool
    steps: int = 0

    def step(self, items: Slopes) -> tuple[Slopes, float]:
        """(parameters after one EM step, penalised log-likelihood before it)."""
        self.steps += 1
        found = posterior(items, self.indicators, self.grid)
        expected = self.indicators.expected(found.shares * self.counts[:, None])
        after = improved(items, expected, self.grid.theta, self.prior, common_slope=self.common_slope)
        return after, float(self.counts @ found.log_marginal) + self.penalty(items)

    def penalty(self, items: Slopes) -> float:
        """Log density of the prior, 0 without one; a common slope meets it once."""
        return (
            self.prior.log_density(items.a[:1] if self.common_slope else items.a, items.d)
            if self.prior
            else 0.0
        )

    def log_likelihood(self, items: Slopes) -> float:
        """Log-likelihood of the answers, natural log."""
        return float(self.counts @ posterior(items, self.indicators, self.grid).log_marginal)


def maximise(problem: Problem, start: Slopes, *, tolerance: float, most_steps: int) -> Converged:
    """Climb until one EM step moves no parameter by more than `tolerance`, or `most_steps` are taken.

    SQUAREM (Varadhan and Roland 2008, scheme S3): two EM steps, then one along their curvature; an extrapolation that
    leaves the parameter space or lowers the objective is dropped.
    """
    here = start
    while problem.steps < most_steps:
        first, _ = problem.step(here)
        if _distance(here, first) <= tolerance:
            return Converged(first, problem.log_likelihood(first), problem.steps, True)
        second, reached = problem.step(first)
        far = _extrapolated(here, first, second)
        here = second
        if far is not None and (after := problem.step(far))[1] >= reached - _DOWN * abs(reached):
            here = after[0]
    return Converged(here, problem.log_likelihood(here), problem.steps, False)


def start_values(found: Patterns, thresholds: int, slope: float = 1.0) -> Slopes:
    """Slope 1 for all; intercepts from the share of persons at or above each category, drawn in from 0 and 1."""
    asked = (found.counts[:, None] * (found.categories >= 0)).sum(axis=0)
    d = np.full((found.categories.shape[1], thresholds), -np.inf)
    for k in range(1, thresholds + 1):
        above = (found.counts[:, None] * (found.categories >= k)).sum(axis=0)
        share = (above + 0.5 * (thresholds + 1 - k) / thresholds) / (asked + 1.0)
        has = np.array([len(levels) > k for levels in found.values])
        d[has, k - 1] = (np.log(share) - np.log1p(-share))[has] * np.sqrt(1 + slope**2 / 2.89)
    return Slopes(np.full(len(d), slope), d)


def _extrapolated(zero: Slopes, one: Slopes, two: Slopes) -> Slopes | None:
    """zero - 2 s r + s^2 v with s = -|r| / |v|; None where that is no better than a step or leaves the space."""
    x, y, z = _packed(zero), _packed(one), _packed(two)
    r, v = y - x, z - 2 * y + x
    size = float(np.linalg.norm(v))
    length = -float(np.linalg.norm(r)) / size if size > 0 else -1.0
    if length >= -1.0:
        return None
    found = _unpacked(x - 2 * length * r + length**2 * v, zero)
    with np.errstate(invalid="ignore"):
        crossed = bool((np.diff(found.d, axis=1) >= 0).any())
    flipped = bool((np.sign(found.a) != np.sign(two.a)).any())
    return None if crossed or flipped else found


def _packed(items: Slopes) -> Floats:
    return np.concatenate([items.a, items.d[np.isfinite(items.d)]])


def _unpacked(vector: Floats, like: Slopes) -> Slopes:
    d = like.d.copy()
    d[np.isfinite(d)] = vector[len(like.a) :]
    return Slopes(vector[: len(like.a)], d)


def _distance(before: Slopes, after: Slopes) -> float:
    return float(np.abs(_packed(after) - _packed(before)).max())
