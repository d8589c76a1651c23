"""Calibration: from answers to item parameters with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from questions.psychometrics.irt.em import Converged, Problem, maximise, start_values
from questions.psychometrics.irt.model import Slopes
from questions.psychometrics.irt.prior import Prior
from questions.psychometrics.irt.quadrature import Grid, Indicators, normal_grid, posterior
from questions.psychometrics.irt.standard_errors import Errors, standard_errors
from questions.psychometrics.responses import (
    Floats,
    Patterns,
    PsychometricsError,
    dichotomous,
    matrix,
    patterns,
)

TOLERANCE, MOST_STEPS = 1e-5, 2000
_MOST_CATEGORIES = 20


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """2PL or 1PL items on the logit scale with ability N(0, 1): P(right) = 1 / (1 + exp(-a (theta - b))).

    `a`, `b`, `d` (= -a b) and their standard errors have shape (items); an error is NaN where the data do not settle
    the parameters. `log_likelihood` (natural log, prior not counted) and `n`, persons, belong to the fit.
    """

    a: Floats
    b: Floats
    d: Floats
    se_a: Floats
    se_b: Floats
    se_d: Floats
    log_likelihood: float
    n: int
    has_converged: bool

    @property
    def slopes(self) -> Slopes:
        """The parameters as the graded model with one threshold."""
        return Slopes(self.a, self.d[:, None])

    @property
    def values(self) -> tuple[tuple[float, ...], ...]:
        """The scores of each item: 0 and 1."""
        return ((0.0, 1.0),) * len(self.a)


@dataclass(frozen=True, slots=True)
class GradedParameters:
    """Graded items: P(score of at least `values[j][k]`) = 1 / (1 + exp(-a_j (theta - b_jk))), k = 1, 2, ...

    `b`, `d` and their errors are items x most thresholds, NaN where an item has fewer scores than the richest.
    """

    a: Floats
    b: Floats
    d: Floats
    se_a: Floats
    se_b: Floats
    se_d: Floats
    values: tuple[tuple[float, ...], ...]
    log_likelihood: float
    n: int
    has_converged: bool

    @property
    def slopes(self) -> Slopes:
        return Slopes(self.a, np.where(np.isnan(self.d), -np.inf, self.d))


@dataclass(frozen=True, slots=True)
class _Fitted:
    items: Slopes
    errors: Errors
    found: Patterns
    end: Converged


def fit_2pl(
    responses: ArrayLike,
    prior: Prior | None = None,
    *,
    tolerance: float = TOLERANCE,
    most_steps: int = MOST_STEPS,
    with_errors: bool = True,
) -> ItemParameters:
    """Two-parameter logistic model by marginal maximum likelihood, MML-EM (Bock and Aitkin 1981).

    `responses`: persons x items of 0, 1, NaN = not asked (missing at random). `prior=None` is plain marginal maximum
    likelihood, the published fits; the product passes PRODUCT_PRIOR. Raises PsychometricsError for other values, and,
    where no prior holds them, for items answered alike by everybody (their difficulty is infinite).
    """
    return _two_parameters(responses, prior, tolerance, most_steps, with_errors, common_slope=False)


def fit_1pl(
    responses: ArrayLike,
    prior: Prior | None = None,
    *,
    tolerance: float = TOLERANCE,
    most_steps: int = MOST_STEPS,
    with_errors: bool = True,
) -> ItemParameters:
    """As `fit_2pl` with one slope for all items (Thissen 1982): for samples below about a hundred."""
    return _two_parameters(responses, prior, tolerance, most_steps, with_errors, common_slope=True)


def fit_grm(
    responses: ArrayLike,
    prior: Prior | None = None,
    *,
    tolerance: float = TOLERANCE,
    most_steps: int = MOST_STEPS,
    with_errors: bool = True,
) -> GradedParameters:
    """Graded response model (Samejima 1969) by MML-EM, for points: an item's categories are its observed scores.

    `responses`: persons x items of any numbers, NaN = not asked; at most 20 different scores an item. Raises
    PsychometricsError for items with one observed score or too many.
    """
    scores = matrix(responses)
    found = patterns(scores)
    _refuse_flat(found, range(2, _MOST_CATEGORIES + 1))
    fitted = _fit(found, prior, tolerance, most_steps, with_errors, common_slope=False)
    a, d = fitted.items.a, np.where(np.isfinite(fitted.items.d), fitted.items.d, np.nan)
    se_b = _threshold_errors(a[:, None], d, fitted.errors)
    return GradedParameters(
        a, -d / a[:, None], d, fitted.errors.a, se_b, fitted.errors.d, found.values,
        fitted.end.log_likelihood, found.persons, fitted.end.has_converged,
    )  # fmt: skip


def _two_parameters(
    responses: ArrayLike,
    prior: Prior | None,
    tolerance: float,
    most_steps: int,
    with_errors: bool,
    *,
    common_slope: bool,
) -> ItemParameters:
    answers = dichotomous(responses)
    if prior is None or prior.d_sd is None:
        _refuse_flat(patterns(answers), (2,))
    found = patterns(answers, [(0.0, 1.0)] * answers.shape[1])
    fitted = _fit(found, prior, tolerance, most_steps, with_errors, common_slope=common_slope)
    a, d = fitted.items.a, fitted.items.d[:, 0]
    se_b = _threshold_errors(a[:, None], d[:, None], fitted.errors)[:, 0]
    return ItemParameters(
        a, -d / a, d, fitted.errors.a, se_b, fitted.errors.d[:, 0],
        fitted.end.log_likelihood, found.persons, fitted.end.has_converged,
    )  # fmt: skip


def _fit(
    found: Patterns,
    prior: Prior | None,
    tolerance: float,
    most_steps: int,
    with_errors: bool,
    *,
    common_slope: bool,
) -> _Fitted:
    categories = max(len(levels) for levels in found.values)
    grid = normal_grid()
    problem = Problem(Indicators.of(found, categories), found.counts, grid, prior, common_slope)
    end = maximise(problem, start_values(found, categories - 1), tolerance=tolerance, most_steps=most_steps)
    errors = _errors(problem, found, grid, end.items) if with_errors else _no_errors(end.items)
    return _Fitted(end.items, errors, found, end)


def _errors(problem: Problem, found: Patterns, grid: Grid, items: Slopes) -> Errors:
    after = posterior(items, problem.indicators, grid)
    return standard_errors(items, found, after, grid, problem.prior, common_slope=problem.common_slope)


def _no_errors(items: Slopes) -> Errors:
    return Errors(np.full_like(items.a, np.nan), *(np.full_like(items.d, np.nan) for _ in range(2)))


def _threshold_errors(a: Floats, d: Floats, errors: Errors) -> Floats:
    """Delta method for b = -d / a: Var(b) = (Var(d) + b^2 Var(a) + 2 b Cov(a, d)) / a^2."""
    b = -d / a
    variance = errors.d**2 + b**2 * errors.a[:, None] ** 2 + 2.0 * b * errors.a_with_d
    result: Floats = np.sqrt(np.maximum(variance, 0.0)) / np.abs(a)
    return result


def _refuse_flat(found: Patterns, allowed: Sequence[int]) -> None:
    wrong = [j for j, levels in enumerate(found.values) if len(levels) not in allowed]
    if wrong:
        levels = found.values[wrong[0]]
        cure = "drop it, or use a prior on intercepts" if len(levels) < 2 else "group its scores"
        raise PsychometricsError(
            f"item {wrong[0]} has {len(levels)} different scores {levels[:3]} ({len(wrong)} such items); {cure}"
        )
