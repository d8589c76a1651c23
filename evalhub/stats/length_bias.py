"""Does a judge pay for length? A logistic regression of its verdicts on the log ratio of the two lengths.

Source: Dubois et al., "Length-controlled AlpacaEval", arXiv 2404.04475 (the idea; theirs also models each
instruction's difficulty); fractional logit with a sandwich covariance: Papke & Wooldridge 1996. Oracle:
statsmodels GLM, HC0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import expit, logit

from evalhub.stats.arguments import (
    BadArgument,
    FloatArray,
    TooFewItems,
    require_bounds,
    require_level,
    require_same_length,
    vector,
)
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import UNIT, for_scores


@dataclass(frozen=True, slots=True)
class LengthBias:
    """slope: log-odds of being preferred per standard deviation of log length ratio (0 = no bias). neutral:
    the win rate at equal lengths. raw: the win rate as it is. A slope is a bias only as far as longer answers
    are not truly better.
    """

    slope: Interval
    neutral: Interval
    raw: Interval


def length_bias(
    preference: ArrayLike, length: ArrayLike, rival_length: ArrayLike, level: float = 0.95
) -> LengthBias | None:
    """preference: shape (n,), 1 = preferred over the rival, 0 = not, 1/2 = tie, NaN = no verdict. length,
    rival_length: shape (n,), in characters or tokens, above 0. None for no verdicts; raises TooFewItems where
    length varies too little or separates the verdicts completely.
    """
    require_level(level)
    won, own, rival = (
        vector(preference, "preference"),
        vector(length, "length"),
        vector(rival_length, "rival_length"),
    )
    require_same_length(won, own, "preference and length")
    require_same_length(won, rival, "preference and rival_length")
    kept = ~np.isnan(won)
    won, own, rival = won[kept], own[kept], rival[kept]
    raw = for_scores(won, None, level, UNIT)
    if raw is None:
        return None
    require_bounds(won, UNIT, "preference")
    if not ((own > 0).all() and (rival > 0).all()):
        raise BadArgument(
            "every length must be above 0; leave out empty answers, which length cannot explain."
        )
    ratio = np.log(own / rival)
    if won.size < 3 or ratio.std() < 1e-9:
        raise TooFewItems(
            f"{won.size} verdicts with a spread of {ratio.std():g} in log length show no slope; judge more."
        )
    design = np.stack([np.ones(won.size), ratio / ratio.std()], axis=1)
    beta, covariance = _fractional_logit(design, won)
    z, n = float(stats.norm.isf((1.0 - level) / 2.0)), won.size
    level_error, slope_error = (float(np.sqrt(covariance[i, i])) for i in (0, 1))
    base, slope = float(beta[0]), float(beta[1])
    neutral = tuple(float(expit(base + side * z * level_error)) for side in (-1, 0, 1))
    return LengthBias(
        Interval(slope - z * slope_error, slope + z * slope_error, "delta", level, slope, n),
        Interval(neutral[0], neutral[2], "delta", level, neutral[1], n),
        raw,
    )


def _fractional_logit(design: FloatArray, won: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(coefficients, HC0 sandwich covariance) by Newton's method."""
    share = float(np.clip(won.mean(), 1e-3, 1.0 - 1e-3))
    beta = np.array([logit(share), 0.0])
    for _ in range(50):
        chance = expit(design @ beta)
        bread = (design * (chance * (1.0 - chance))[:, None]).T @ design
        step = np.linalg.solve(bread + 1e-12 * np.eye(2), design.T @ (won - chance))
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-10:
            break
    if np.abs(beta).max() > 15.0:
        raise TooFewItems(
            "length, or nothing at all, separates wins from losses completely; judge more pairs."
        )
    chance = expit(design @ beta)
    inverse = np.linalg.inv((design * (chance * (1.0 - chance))[:, None]).T @ design)
    pull = design * (won - chance)[:, None]
    return beta, np.asarray(inverse @ (pull.T @ pull) @ inverse)
