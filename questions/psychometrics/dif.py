"""Differential item functioning: an item that people and models, or two languages, of equal ability do not solve alike.

Group 0 is the reference group, 1 the focal one; an effect above 0 favours the reference group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import expit

from questions.psychometrics.classical import rest_scores
from questions.psychometrics.responses import Floats, PsychometricsError, dichotomous

Size = Literal["A", "B", "C"]
LEVELS = 10
_ROUNDS, _RIDGE = 50, 1e-6


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """One item by Mantel and Haenszel: `odds_ratio` of solving it, reference over focal; `delta` = -2.35 ln(odds ratio),
    below 0 where the item is harder for the focal group; `p` of the continuity-corrected chi-square; `size` by the ETS
    rule: A negligible, B moderate, C large. None throughout where no level of ability has both groups and both outcomes.
    """

    odds_ratio: float | None
    delta: float | None
    p: float | None
    size: Size | None
    n_reference: int
    n_focal: int


@dataclass(frozen=True, slots=True)
class LogisticDif:
    """One item by logistic regression on rest score and group: p of the uniform difference (1 df), p of any difference
    (2 df) and the gain in Nagelkerke's R^2. None where it cannot be fitted.
    """

    p_uniform: float | None
    p_any: float | None
    gain: float | None


def mantel_haenszel(
    responses: ArrayLike, group: ArrayLike, matching: ArrayLike | None = None
) -> tuple[MantelHaenszel, ...]:
    """DIF of each item at equal ability. `responses`: persons x items of 0, 1, NaN; `group` (persons): 0 or 1.

    People are matched on `matching` (persons), or on the rest score with the item itself counted in (Holland and Thayer
    1988), in at most 10 levels. Source: Mantel and Haenszel 1959; sizes: Zwick 2012, ETS RR-12-08.
    """
    answers, groups = _checked(responses, group)
    scores = _matching(answers, matching)
    return tuple(_mantel_haenszel(answers[:, j], groups, scores) for j in range(answers.shape[1]))


def logistic(
    responses: ArrayLike, group: ArrayLike, matching: ArrayLike | None = None
) -> tuple[LogisticDif, ...]:
    """DIF of each item by nested logistic regressions, which also sees differences that change with ability.

    Source: Swaminathan and Rogers 1990; effect size: Zumbo 1999. Arguments as in `mantel_haenszel`; the matching score
    is the rest score without the item.
    """
    answers, groups = _checked(responses, group)
    rest = rest_scores(answers)
    given = None if matching is None else np.asarray(matching, dtype=np.float64)
    return tuple(
        _logistic(answers[:, j], groups, rest[:, j] if given is None else given)
        for j in range(answers.shape[1])
    )


def _checked(responses: ArrayLike, group: ArrayLike) -> tuple[Floats, Floats]:
    answers, groups = dichotomous(responses), np.asarray(group, dtype=np.float64)
    if groups.shape != (len(answers),) or not np.isin(groups, (0.0, 1.0)).all():
        raise PsychometricsError(
            f"group has shape {groups.shape}; give 0 (reference) or 1 (focal) for each person"
        )
    return answers, groups


def _matching(answers: Floats, matching: ArrayLike | None) -> Floats:
    with np.errstate(invalid="ignore"):
        given = ~np.isnan(answers)
        found = np.where(given, answers, 0.0).sum(axis=1) / np.maximum(given.sum(axis=1), 1)
    return np.asarray(matching, dtype=np.float64) if matching is not None else found


def _levels(scores: Floats) -> Floats:
    """Each person's level: their score itself where there are few, else its tenth of the distribution."""
    if len(np.unique(scores)) <= 2 * LEVELS:
        return scores
    edges = np.quantile(scores, np.linspace(0, 1, LEVELS + 1)[1:-1])
    return np.searchsorted(edges, scores, side="right").astype(np.float64)


def _mantel_haenszel(answers: Floats, groups: Floats, scores: Floats) -> MantelHaenszel:
    asked = ~(np.isnan(answers) | np.isnan(scores))
    right, focal, level = answers[asked] == 1, groups[asked] == 1, _levels(scores[asked])
    sizes = int((~focal).sum()), int(focal.sum())
    tables = np.array(
        [
            [(right & ~focal & (level == at)).sum(), (~right & ~focal & (level == at)).sum(),
             (right & focal & (level == at)).sum(), (~right & focal & (level == at)).sum()]
            for at in np.unique(level)
        ],
        dtype=np.float64,
    ).reshape(-1, 4)  # fmt: skip
    a, b, c, d = tables.T
    n = tables.sum(axis=1)
    top, bottom = float((a * d / n).sum()), float((b * c / n).sum())
    if top == 0 or bottom == 0:
        return MantelHaenszel(None, None, None, None, *sizes)
    ratio = top / bottom
    error = _log_ratio_error(tables, top, bottom)
    p = _chi_square_p(tables)
    delta = float(-2.35 * np.log(ratio))
    return MantelHaenszel(ratio, delta, p, _size(delta, 2.35 * error, p), *sizes)


def _log_ratio_error(tables: Floats, top: float, bottom: float) -> float:
    """Standard error of the log odds ratio: Robins, Breslow and Greenland 1986."""
    a, b, c, d = tables.T
    n = tables.sum(axis=1)
    p, q, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
    variance = (
        (p * r).sum() / (2 * top**2)
        + (p * s + q * r).sum() / (2 * top * bottom)
        + (q * s).sum() / (2 * bottom**2)
    )
    return float(np.sqrt(variance))


def _chi_square_p(tables: Floats) -> float | None:
    a, b, c, d = tables.T
    n = tables.sum(axis=1)
    kept = n > 1
    expected = (a + b) * (a + c) / n
    variance = ((a + b) * (c + d) * (a + c) * (b + d))[kept] / (n**2 * (n - 1))[kept]
    if variance.sum() == 0:
        return None
    distance = max(abs((a - expected)[kept].sum()) - 0.5, 0.0)
    return float(stats.chi2.sf(distance**2 / variance.sum(), 1))


def _size(delta: float, error: float, p: float | None) -> Size:
    """ETS: A unless significant and at least 1; C at 1.5 or more and significantly above 1; else B."""
    if p is None or p >= 0.05 or abs(delta) < 1.0:
        return "A"
    return "C" if abs(delta) >= 1.5 and abs(delta) - 1.645 * error > 1.0 else "B"


def _logistic(answers: Floats, groups: Floats, scores: Floats) -> LogisticDif:
    asked = ~(np.isnan(answers) | np.isnan(scores))
    y, g, x = answers[asked], groups[asked], scores[asked]
    if len(y) < 10 or y.std() == 0 or g.std() == 0 or x.std() == 0:
        return LogisticDif(None, None, None)
    x = (x - x.mean()) / x.std()
    one = np.ones_like(x)
    plain, uniform, full = (
        _fit_logistic(np.column_stack(columns), y) for columns in ((one, x), (one, x, g), (one, x, g, x * g))
    )
    none = float(len(y) * (y.mean() * np.log(y.mean()) + (1 - y.mean()) * np.log(1 - y.mean())))
    gain = _nagelkerke(full, none, len(y)) - _nagelkerke(plain, none, len(y))
    return LogisticDif(
        float(stats.chi2.sf(max(2 * (uniform - plain), 0.0), 1)),
        float(stats.chi2.sf(max(2 * (full - plain), 0.0), 2)),
        gain,
    )


def _fit_logistic(x: Floats, y: Floats) -> float:
    """Log-likelihood at the maximum, by Newton's method with a ridge that only matters under separation."""
    beta = np.zeros(x.shape[1])
    for _ in range(_ROUNDS):
        p = expit(x @ beta)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(len(beta))
        step = np.linalg.solve(hessian, x.T @ (y - p) - _RIDGE * beta)
        beta = beta + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-9:
            break
    eta = x @ beta
    return float((y * eta - np.logaddexp(0.0, eta)).sum())


def _nagelkerke(log_likelihood: float, none: float, n: int) -> float:
    return float((1 - np.exp(2 * (none - log_likelihood) / n)) / (1 - np.exp(2 * none / n)))
