"""Deciding while a run is going: everything here stays honest however often one looks.

A fixed-n interval looked at after every item excludes the truth in 30-35 % of runs by n = 300; these do so in
at most alpha of runs, ever (Ville's inequality).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, xlogy

from evalhub.stats import betting
from evalhub.stats.arguments import (
    BadArgument,
    FloatArray,
    require_bounds,
    require_count,
    require_level,
    vector,
)

PRIOR = 0.5  # Krichevsky-Trofimov: weight near one-sided discordance, decides large gaps soonest


@dataclass(frozen=True, slots=True)
class Decision:
    """`winner`: "first" or "second" once e_value >= 1 / alpha, else None: go on. p: valid whenever one looks."""

    winner: Literal["first", "second"] | None
    e_value: float
    p: float
    b: int
    c: int


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """Running bounds after each score: low, high, shape (n,); all hold together with probability `level`."""

    low: FloatArray
    high: FloatArray
    estimate: FloatArray
    level: float
    method: str

    @property
    def n(self) -> int:
        return self.low.size

    def first_within(self, half_width: float) -> int | None:
        """After how many scores the bounds were no further apart than 2 * half_width; None if never."""
        narrow = np.flatnonzero(self.high - self.low <= 2.0 * half_width + 1e-12)
        return int(narrow[0]) + 1 if narrow.size else None


def eprocess(b: int, c: int, prior: float = PRIOR) -> float:
    """E-value against 'the two endpoints are equal' from b items only the first got right and c only the second.

    E = B(b + a, c + a) / B(a, a) * 2^(b + c), a = prior. Decide when E >= 1 / alpha, at any time: the error
    is at most alpha. Source: Ville 1939; beta mixture of likelihood ratios (Robbins 1970). May be inf for
    overwhelming evidence.
    """
    return float(np.exp(min(_log_e(b, c, prior), 709.0)))


def decide(b: int, c: int, alpha: float = 0.05, prior: float = PRIOR) -> Decision:
    """Whether A against B is decided, with error at most `alpha` under continuous looking."""
    require_level(1.0 - alpha)
    log_e = _log_e(b, c, prior)
    winner: Literal["first", "second"] | None = None
    if log_e >= -np.log(alpha):
        winner = "first" if b > c else "second"
    return Decision(winner, float(np.exp(min(log_e, 709.0))), float(np.exp(-max(0.0, log_e))), b, c)


def rate_eprocess(hits: int, n: int, ceiling: float) -> float:
    """E-value against 'the rate of hits is at most `ceiling`': the alarm of a sentinel that looks after every answer.

    Uniform mixture over higher rates of the likelihood ratio against the ceiling. Alarm when E >= 1 / alpha.
    """
    require_count(n, "n")
    require_count(hits, "hits")
    if hits > n:
        raise BadArgument(f"{hits} hits in {n} answers; hits cannot exceed n.")
    if not 0.0 < ceiling < 1.0:
        raise BadArgument(f"ceiling is {ceiling!r}; give the highest rate still acceptable, between 0 and 1.")
    above = 1.0 - betainc(hits + 1, n - hits + 1, ceiling)
    if above <= 0.0:
        return 0.0
    null = xlogy(hits, ceiling) + (n - hits) * np.log1p(-ceiling)
    log_e = betaln(hits + 1, n - hits + 1) + np.log(above) - np.log1p(-ceiling) - null
    return float(np.exp(min(log_e, 709.0)))


def confidence_sequence(
    scores: ArrayLike,
    population: int | None = None,
    level: float = 0.95,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> ConfidenceSequence | None:
    """Bounds for the mean after each score, valid at every time at once; None for no scores.

    scores: shape (n,), within `bounds`, in random order of arrival, none missing. population: the number of
    items in the suite, for items drawn without replacement: the bounds then hold for the suite's own mean and
    close on it. Source: Waudby-Smith & Ramdas, JRSSB 2024 (betting) and NeurIPS 2020 (without replacement).
    """
    require_level(level)
    values = vector(scores)
    if np.isnan(values).any():
        raise BadArgument(
            "scores hold NaN; a sequence needs the answers in the order they came, failed ones left out."
        )
    if values.size == 0:
        return None
    if population is not None and population < values.size:
        raise BadArgument(
            f"population is {population} but {values.size} scores were given; count all items of the suite."
        )
    require_bounds(values, bounds)
    low, span = bounds[0], bounds[1] - bounds[0]
    found = betting.running_bounds((values - low) / span, level, population)
    running = np.cumsum(values) / np.arange(1, values.size + 1)
    method = "betting" if population is None else "betting_without_replacement"
    return ConfidenceSequence(low + span * found.low, low + span * found.high, running, level, method)


def _log_e(b: int, c: int, prior: float) -> float:
    require_count(b, "b")
    require_count(c, "c")
    if prior <= 0.0:
        raise BadArgument(f"prior is {prior!r}; give a number above 0, such as 0.5.")
    return float(betaln(b + prior, c + prior) - betaln(prior, prior) + (b + c) * np.log(2.0))
