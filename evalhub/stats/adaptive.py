"""A full-suite score from the items that were asked, and a random audit slice that can refute it.

p-IRT: share_seen * mean_seen + (1 - share_seen) * mean predicted on the unseen, predictions from a 2PL fitted
to other endpoints' answers: P(correct) = 1 / (1 + exp(-a (ability - b))). Sources: Polo et al.,
tinyBenchmarks, arXiv 2402.14992; Fluid Benchmarking, arXiv 2509.11106; EAP: Bock & Mislevy 1982.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats
from scipy.special import expit, log_expit, logsumexp

from evalhub.stats import score
from evalhub.stats.arguments import (
    BadArgument,
    FloatArray,
    IntArray,
    matrix,
    require_bounds,
    require_level,
    vector,
)
from evalhub.stats.interval import Interval

_NODES = np.linspace(-5.0, 5.0, 81)


@dataclass(frozen=True, slots=True)
class Ability:
    """EAP ability and its posterior standard deviation, on the calibration's scale (population N(0, 1))."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """score: predicted full-suite mean with its prediction interval (n = items asked). ability as in Ability."""

    score: Interval
    ability: Ability
    asked: int
    items: int


@dataclass(frozen=True, slots=True)
class Audit:
    """The model's forecast of a random slice of unasked items against what came: refuted when p < alpha.

    observed, predicted: mean scores on the slice of n items. corrected: a full-suite score that takes the
    slice's error into account and is right even where the model is wrong; show this one when refuted.
    """

    observed: float
    predicted: float
    n: int
    p: float
    refuted: bool
    corrected: Interval


@dataclass(frozen=True, slots=True)
class _Posterior:
    """weight: shape (draws, nodes), sums to 1. chance: shape (draws, nodes, items), P(correct) of every item."""

    weight: FloatArray
    chance: FloatArray


def estimate(
    responses: ArrayLike, parameters: ArrayLike, asked: ArrayLike, level: float = 0.95, widen: float = 1.0
) -> Estimate:
    """The full-suite score of one endpoint from the items it was asked.

    responses: shape (k,), 0 to 1, in the order of asked. parameters: shape (items, 2), columns a
    (discrimination, above 0) and b (difficulty); or (draws, items, 2), several calibrations (bootstrapped
    models), whose disagreement then widens the interval. asked: k positions in parameters, each once. No item
    asked: the prior's prediction, honest and wide. widen: factor on the interval, from `misfit`: no real
    suite fits a 2PL, and the bare interval is too narrow.
    """
    require_level(level)
    if not widen >= 1.0:
        raise BadArgument(f"widen is {widen!r}; give the factor that misfit returned, at least 1.")
    answers, values, places = _checked(responses, parameters, asked)
    posterior = _posterior(answers, values, places)
    items = values.shape[1]
    unseen = np.setdiff1d(np.arange(items), places)
    seen = float(answers.sum())
    mean, low, high = _forecast(posterior, unseen, level)
    low = max(0.0, mean - widen * (mean - low))
    high = min(float(unseen.size), mean + widen * (high - mean))
    found = Interval(
        (seen + low) / items, (seen + high) / items, "pirt", level, (seen + mean) / items, places.size
    )
    return Estimate(found, _ability(posterior), int(places.size), items)


def misfit(matrix_of_others: ArrayLike, parameters: ArrayLike, asked: ArrayLike) -> float:
    """How many times wider than the model says its errors are, on endpoints whose full answers are known; at least 1.

    matrix_of_others: shape (endpoints, items), 0 to 1, every item answered, best not those the model was
    fitted to. Each is scored from the same `asked` items; the root mean square of (true - estimated) /
    (model's SD) is the factor, with Student's tail for few endpoints. 1 for no endpoints: nothing is known
    against the model, nor for it.
    """
    known = matrix(matrix_of_others, "matrix_of_others", "one row an endpoint and one column an item")
    values, places = _parameters(parameters), np.asarray(asked, dtype=np.int64)
    unseen = np.setdiff1d(np.arange(values.shape[1]), places)
    if len(known) == 0 or unseen.size == 0:
        return 1.0
    squares = []
    for row in known:
        posterior = _posterior(*_checked(row[places], values, places))
        mean, variance = _moments(posterior, unseen)
        squares.append((float(row[unseen].sum()) - mean) ** 2 / variance)
    tail = float(stats.t.isf(0.025, len(known)) / stats.norm.isf(0.025))
    return max(1.0, float(np.sqrt(np.mean(squares))) * tail)


def ability(responses: ArrayLike, parameters: ArrayLike, asked: ArrayLike) -> Ability:
    """EAP ability from the answers so far; arguments as in `estimate`."""
    return _ability(_posterior(*_checked(responses, parameters, asked)))


def information(at: float, parameters: ArrayLike) -> FloatArray:
    """Fisher information a^2 P (1 - P) of every item at an ability, shape (items,); ask where it is largest."""
    values = _parameters(parameters).mean(axis=0)
    chance = expit(values[:, 0] * (at - values[:, 1]))
    return np.asarray(values[:, 0] ** 2 * chance * (1.0 - chance))


def audit(
    responses: ArrayLike,
    parameters: ArrayLike,
    asked: ArrayLike,
    audit_responses: ArrayLike,
    audited: ArrayLike,
    level: float = 0.95,
) -> Audit | None:
    """Test the model on a uniformly random slice of the items that were not asked; None for an empty slice.

    audited: positions of the slice, none of them in asked; audit_responses: their scores in that order.
    """
    require_level(level)
    answers, values, places = _checked(responses, parameters, asked)
    truths, _, slice_places = _checked(audit_responses, parameters, audited)
    if np.intersect1d(places, slice_places).size:
        raise BadArgument("the audit slice holds items that were asked; draw it from the others, at random.")
    if slice_places.size == 0:
        return None
    posterior = _posterior(answers, values, places)
    predicted = np.einsum("dn,dni->i", posterior.weight, posterior.chance[:, :, slice_places])
    total = float(truths.sum())
    below = _tail(posterior, slice_places, total + 0.5)
    above = 1.0 - _tail(posterior, slice_places, total - 0.5)
    p = float(min(1.0, 2.0 * min(below, above)))
    corrected = _corrected(posterior, places, answers, truths - predicted, level)
    return Audit(float(truths.mean()), float(predicted.mean()), truths.size, p, p < 1.0 - level, corrected)


def _checked(
    responses: ArrayLike, parameters: ArrayLike, asked: ArrayLike
) -> tuple[FloatArray, FloatArray, IntArray]:
    answers, values = vector(responses, "responses"), _parameters(parameters)
    places = np.asarray(asked, dtype=np.int64)
    if places.shape != answers.shape:
        raise BadArgument(
            f"{answers.size} responses for {places.size} asked items; give one response an asked item."
        )
    if np.isnan(answers).any():
        raise BadArgument("responses hold NaN; leave an unanswered item out of both responses and asked.")
    require_bounds(answers, (0.0, 1.0), "responses")
    if places.size and (
        places.min() < 0 or places.max() >= values.shape[1] or np.unique(places).size < places.size
    ):
        raise BadArgument(f"asked must name items 0 to {values.shape[1] - 1}, each once.")
    return answers, values, places


def _parameters(parameters: ArrayLike) -> FloatArray:
    values = np.array(parameters, dtype=np.float64)
    values = values[None] if values.ndim == 2 else values
    if (
        values.ndim != 3
        or values.shape[2] != 2
        or not np.isfinite(values).all()
        or (values[..., 0] <= 0).any()
    ):
        raise BadArgument(
            f"parameters have shape {np.shape(parameters)}; give (items, 2) or (draws, items, 2), "
            "columns a > 0 and b, all finite."
        )
    return values


def _posterior(answers: FloatArray, values: FloatArray, places: IntArray) -> _Posterior:
    logits = values[:, None, :, 0] * (_NODES[None, :, None] - values[:, None, :, 1])
    likelihood = log_expit(logits[:, :, places]) @ answers + log_expit(-logits[:, :, places]) @ (
        1.0 - answers
    )
    weight = likelihood + stats.norm.logpdf(_NODES)
    weight = np.exp(weight - logsumexp(weight, axis=1, keepdims=True)) / len(values)
    return _Posterior(weight, expit(logits))


def _ability(posterior: _Posterior) -> Ability:
    weight = posterior.weight.sum(axis=0)
    mean = float(weight @ _NODES)
    return Ability(mean, float(np.sqrt(weight @ (_NODES - mean) ** 2)))


def _forecast(posterior: _Posterior, unseen: IntArray, level: float) -> tuple[float, float, float]:
    """Mean and prediction limits of the number right among the unseen items."""
    if unseen.size == 0:
        return 0.0, 0.0, 0.0
    mean, _ = _moments(posterior, unseen)
    edges = (-1.0, unseen.size + 1.0)
    low, high = (
        float(optimize.brentq(lambda total, q=q: _tail(posterior, unseen, total) - q, *edges, xtol=1e-9))
        for q in ((1.0 - level) / 2.0, (1.0 + level) / 2.0)
    )
    return mean, float(np.clip(low, 0.0, mean)), float(np.clip(high, mean, unseen.size))


def _moments(posterior: _Posterior, items: IntArray) -> tuple[float, float]:
    """Mean and variance of the number right among `items`, over the posterior."""
    chance = posterior.chance[:, :, items]
    centre = chance.sum(axis=2)
    mean = float((posterior.weight * centre).sum())
    within = (posterior.weight * (chance * (1.0 - chance)).sum(axis=2)).sum()
    return mean, float(max(within + (posterior.weight * (centre - mean) ** 2).sum(), 1e-12))


def _tail(posterior: _Posterior, items: IntArray, total: float) -> float:
    """P(number right among `items` <= total): normal at each ability, mixed over the posterior."""
    chance = posterior.chance[:, :, items]
    centre = chance.sum(axis=2)
    spread = np.sqrt(np.maximum((chance * (1.0 - chance)).sum(axis=2), 1e-12))
    return float((posterior.weight * stats.norm.cdf((total - centre) / spread)).sum())


def _corrected(
    posterior: _Posterior, places: IntArray, answers: FloatArray, residuals: FloatArray, level: float
) -> Interval:
    """Prediction plus the mean residual of the random slice, which owes the model nothing but its variance."""
    items = posterior.chance.shape[2]
    unseen = np.setdiff1d(np.arange(items), places)
    predicted, _ = _moments(posterior, unseen)
    sample = score.measure((residuals + 1.0) / 2.0)
    found = score.limits(sample, level)
    share = unseen.size / items
    base = (float(answers.sum()) + predicted) / items
    low, middle, high = (base + share * (2.0 * value - 1.0) for value in (found.low, sample.mean, found.high))
    return Interval(
        max(0.0, low), min(1.0, high), "ppi", level, float(np.clip(middle, 0.0, 1.0)), residuals.size
    )
