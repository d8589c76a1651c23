"""Abilities from answers when the items are known: EAP (Bock and Mislevy 1982)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from questions.psychometrics.irt import model
from questions.psychometrics.irt.model import Slopes
from questions.psychometrics.irt.quadrature import Indicators, normal_grid, posterior
from questions.psychometrics.responses import Floats, PsychometricsError, matrix, patterns


class Calibrated(Protocol):
    """Items with known parameters: what fit_1pl, fit_2pl and fit_grm give, or `items_of`."""

    @property
    def slopes(self) -> Slopes: ...

    @property
    def values(self) -> tuple[tuple[float, ...], ...]: ...


@dataclass(frozen=True, slots=True)
class KnownItems:
    """2PL items by their parameters alone, for use with `eap` and `information`."""

    slopes: Slopes

    @property
    def values(self) -> tuple[tuple[float, ...], ...]:
        return ((0.0, 1.0),) * len(self.slopes.a)


@dataclass(frozen=True, slots=True)
class Abilities:
    """Posterior mean and standard deviation of ability, shape (persons), in SDs of the population N(0, 1)."""

    theta: Floats
    sd: Floats


def items_of(a: ArrayLike, b: ArrayLike) -> KnownItems:
    """2PL items from slopes and difficulties, both of shape (items)."""
    slopes, difficulties = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if slopes.ndim != 1 or slopes.shape != difficulties.shape:
        raise PsychometricsError(
            f"a has shape {slopes.shape}, b {difficulties.shape}; give one of each per item"
        )
    return KnownItems(Slopes(slopes, (-slopes * difficulties)[:, None]))


def eap(responses: ArrayLike, items: Calibrated) -> Abilities:
    """Expected a posteriori ability under a N(0, 1) prior, on 61 nodes from -6 to 6.

    `responses`: persons x items, or one person's items; scores as the items were calibrated on, NaN = not asked; who
    answered nothing gets (0, 1). Raises PsychometricsError for another number of items or a score no item has.
    """
    answers = matrix(np.atleast_2d(np.asarray(responses, dtype=np.float64)))
    if answers.shape[1] != len(items.values):
        raise PsychometricsError(
            f"responses have {answers.shape[1]} columns for {len(items.values)} items; match them"
        )
    found = patterns(answers, items.values)
    strange = ~np.isnan(answers) & (found.categories[found.row_of] < 0)
    if strange.any():
        person, item = np.argwhere(strange)[0]
        seen = answers[person, item]
        raise PsychometricsError(
            f"responses[{person}, {item}] is {seen:g}; item {item} has {items.values[item]}"
        )
    grid = normal_grid()
    indicators = Indicators.of(found, max(len(levels) for levels in items.values))
    shares = posterior(items.slopes, indicators, grid).shares
    theta = shares @ grid.theta
    sd = np.sqrt(np.maximum(shares @ grid.theta**2 - theta**2, 0.0))
    return Abilities(theta[found.row_of], sd[found.row_of])


def information(items: Calibrated, theta: ArrayLike) -> Floats:
    """Fisher information of each item at each ability, shape (items, abilities); for the 2PL a^2 P (1 - P)."""
    return model.information(items.slopes, np.atleast_1d(np.asarray(theta, dtype=np.float64)))
