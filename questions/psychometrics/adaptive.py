"""Adaptive practice: which item to ask next, and when to stop.

Fisher information at the EAP ability, one of the best five at random (randomesque: Kingsbury and Zara 1989), topic
quotas (the topic furthest below its share first; the same paper), exposure limits (Sympson and Hetter 1985).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from questions.psychometrics.irt.quadrature import normal_grid
from questions.psychometrics.responses import Floats, Ints, PsychometricsError

Reason = Literal["asked", "precise", "cap", "exhausted"]


@dataclass(frozen=True, slots=True)
class Rules:
    """When to stop and how to choose. `se`: stop once the posterior SD of ability is at most this (population SDs), but
    never before `fewest` scored answers and always at `most`. `quotas`: topic -> share wanted; topics left out are free.
    `pilot_share`: how often an uncalibrated item is asked instead, unscored.
    """

    se: float = 0.32
    fewest: int = 5
    most: int = 40
    randomesque: int = 5
    quotas: Mapping[str, float] = field(default_factory=dict)
    pilot_share: float = 0.0

    def __post_init__(self) -> None:
        if not self.se > 0 or not 0 <= self.fewest <= self.most or self.randomesque < 1:
            raise PsychometricsError(
                f"{self} cannot be followed; use se > 0, fewest <= most, randomesque >= 1"
            )
        if sum(self.quotas.values()) > 1 + 1e-9 or not 0 <= self.pilot_share < 1:
            raise PsychometricsError(f"{self} asks for more than everything; shares add up to 1 at most")


@dataclass(frozen=True, slots=True)
class Bank:
    """Items to choose from, all arrays of shape (items): 2PL `a` and `b`, `topics`, `exposure` (probability that an item
    takes part in a person's test, from `simulation.exposure_parameters`) and `is_pilot` (not calibrated yet: a and b unused).
    """

    a: Floats
    b: Floats
    topics: tuple[str, ...]
    exposure: Floats
    is_pilot: np.ndarray

    @classmethod
    def of(
        cls,
        a: ArrayLike,
        b: ArrayLike,
        topics: tuple[str, ...] = (),
        *,
        exposure: ArrayLike | None = None,
        is_pilot: ArrayLike | None = None,
    ) -> Bank:
        """Raises PsychometricsError where the lengths differ."""
        slopes = np.asarray(a, dtype=np.float64)
        n = len(slopes)
        found = cls(
            slopes,
            np.asarray(b, dtype=np.float64),
            topics or ("",) * n,
            np.ones(n) if exposure is None else np.asarray(exposure, dtype=np.float64),
            np.zeros(n, dtype=bool) if is_pilot is None else np.asarray(is_pilot, dtype=bool),
        )
        sizes = [len(part) for part in (found.a, found.b, found.topics, found.exposure, found.is_pilot)]
        if set(sizes) != {n}:
            raise PsychometricsError(
                f"a bank's a, b, topics, exposure, is_pilot have lengths {sizes}; make them equal"
            )
        return found

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, slots=True)
class Next:
    """`item` to ask (None: stop, and `reason` says why); ability so far as `theta` and `sd`; whether the item counts."""

    item: int | None
    theta: float
    sd: float
    reason: Reason
    is_scored: bool = True


_GRID = normal_grid()


def next_item(
    bank: Bank,
    answers: Mapping[int, float],
    rules: Rules,
    rng: np.random.Generator,
    *,
    refused: frozenset[int] = frozenset(),
    held: frozenset[int] = frozenset(),
) -> Next:
    """The next item for a person who gave `answers` (item index -> 0 or 1, pilot items included but not counted).

    `refused` are never asked (seen yesterday, an enemy of one asked); `held` only where nothing else is left. With the
    same generator state the choice is the same. Raises PsychometricsError for an answer to an item that is not in the
    bank.
    """
    strange = [item for item in answers if not 0 <= item < len(bank)]
    if strange:
        raise PsychometricsError(f"answers name items {strange[:5]}; the bank has 0 to {len(bank) - 1}")
    scored = {item: score for item, score in answers.items() if not bank.is_pilot[item]}
    theta, sd = ability(bank, scored)
    if len(scored) >= rules.most:
        return Next(None, theta, sd, "cap")
    if len(scored) >= rules.fewest and sd <= rules.se:
        return Next(None, theta, sd, "precise")
    free = np.ones(len(bank), dtype=bool)
    free[[*answers, *refused]] = False
    pilots = np.nonzero(free & bank.is_pilot)[0]
    if rules.pilot_share and len(pilots) and rng.random() < rules.pilot_share:
        return Next(int(rng.choice(pilots)), theta, sd, "asked", is_scored=False)
    candidates = _within_quota(bank, np.nonzero(free & ~bank.is_pilot)[0], scored, rules.quotas)
    if not len(candidates):
        return Next(None, theta, sd, "exhausted")
    candidates = _preferred(candidates, held)
    p = 1.0 / (1.0 + np.exp(-bank.a[candidates] * (theta - bank.b[candidates])))
    best = candidates[np.argsort(-(bank.a[candidates] ** 2) * p * (1.0 - p), kind="stable")]
    return Next(int(best[rng.integers(min(rules.randomesque, len(best)))]), theta, sd, "asked")


def ability(bank: Bank, scored: Mapping[int, float]) -> tuple[float, float]:
    """EAP mean and SD of ability given these answers, under N(0, 1)."""
    items = np.fromiter(scored, dtype=np.intp, count=len(scored))
    right = np.fromiter(scored.values(), dtype=np.float64, count=len(scored))
    eta = bank.a[items, None] * (_GRID.theta - bank.b[items, None])
    log_joint = (right[:, None] * eta - np.logaddexp(0.0, eta)).sum(axis=0) + np.log(_GRID.weights)
    shares = np.exp(log_joint - log_joint.max())
    shares /= shares.sum()
    mean = float(shares @ _GRID.theta)
    return mean, float(np.sqrt(max(shares @ _GRID.theta**2 - mean**2, 0.0)))


def _within_quota(
    bank: Bank, candidates: Ints, scored: Mapping[int, float], quotas: Mapping[str, float]
) -> Ints:
    """The candidates of the topic furthest below its quota; all of them where no quota has a candidate or is short."""
    if not quotas or not len(candidates):
        return candidates
    asked = Counter(bank.topics[item] for item in scored)
    names = np.array(bank.topics, dtype=object)[candidates]
    short = {
        topic: share * (len(scored) + 1) - asked[topic]
        for topic, share in quotas.items()
        if (names == topic).any()
    }
    if not short or max(short.values()) <= 0:
        return candidates
    wanted = max(short, key=lambda topic: short[topic])
    chosen: Ints = candidates[names == wanted]
    return chosen


def held_back(bank: Bank, rng: np.random.Generator) -> frozenset[int]:
    """The items this person's test goes without, drawn once per test with probability 1 - exposure for each (Sympson and
    Hetter 1985). Pass it to every `next_item` of the test; keep the generator's seed to draw it again.
    """
    return frozenset(np.nonzero(rng.random(len(bank)) >= bank.exposure)[0].tolist())


def _preferred(candidates: Ints, held: frozenset[int]) -> Ints:
    """The candidates not held back, or all of them where nothing else is left."""
    free = candidates[[item not in held for item in candidates.tolist()]] if held else candidates
    return free if len(free) else candidates
