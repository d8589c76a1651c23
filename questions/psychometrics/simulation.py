"""How adaptive rules do on people who exist only in numbers: items needed, accuracy, exposure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from questions.psychometrics.adaptive import Bank, Rules, ability, held_back, next_item
from questions.psychometrics.irt.model import Slopes, information
from questions.psychometrics.irt.quadrature import normal_grid
from questions.psychometrics.responses import Floats, PsychometricsError


@dataclass(frozen=True, slots=True)
class Simulated:
    """Over all simulated persons: `asked` items of each, `bias` and `rmse` of the final ability (population SDs), and
    `exposure`, the share of persons that met each item.
    """

    asked: Floats
    bias: float
    rmse: float
    exposure: Floats

    @property
    def mean_asked(self) -> float:
        return float(self.asked.mean())


def adaptive_tests(bank: Bank, abilities: Floats, rules: Rules, rng: np.random.Generator) -> Simulated:
    """Give every person (true `abilities`) an adaptive test; answers follow the bank's own 2PL."""
    tests = []
    for truth in abilities:
        right = _answers(bank, truth, rng)
        given: dict[int, float] = {}
        held = held_back(bank, rng)
        chosen = next_item(bank, given, rules, rng, held=held)
        while chosen.item is not None:
            given[chosen.item] = right[chosen.item]
            chosen = next_item(bank, given, rules, rng, held=held)
        tests.append((list(given), chosen.theta))
    return _summary(bank, abilities, tests)


def fixed_order_tests(
    bank: Bank, abilities: Floats, rules: Rules, rng: np.random.Generator, order: Sequence[int] | None = None
) -> Simulated:
    """The same stopping rule with items in a given order, or each person's own random order (None)."""
    tests = []
    for truth in abilities:
        right = _answers(bank, truth, rng)
        items = list(rng.permutation(len(bank))) if order is None else list(order)
        given: dict[int, float] = {}
        theta, sd = ability(bank, given)
        for item in items[: rules.most]:
            if len(given) >= rules.fewest and sd <= rules.se:
                break
            given[int(item)] = right[item]
            theta, sd = ability(bank, given)
        tests.append((list(given), theta))
    return _summary(bank, abilities, tests)


def best_form(bank: Bank) -> list[int]:
    """All items, those first that tell most on average over a N(0, 1) population: a fixed form's best order."""
    grid = normal_grid()
    mean = information(Slopes(bank.a, (-bank.a * bank.b)[:, None]), grid.theta) @ grid.weights
    return [int(item) for item in np.argsort(-mean, kind="stable")]


def exposure_parameters(
    bank: Bank,
    rules: Rules,
    rng: np.random.Generator,
    *,
    target: float = 0.25,
    persons: int = 1000,
    rounds: int = 20,
) -> Floats:
    """Sympson and Hetter's (1985) probability for each item that it takes part in a test, so that no item is met by
    more than the share `target` of a N(0, 1) population. Raises PsychometricsError for a target outside (0, 1].
    """
    if not 0 < target <= 1:
        raise PsychometricsError(f"target is {target}; give a share above 0 and up to 1")
    keep = np.ones(len(bank))
    best, least = keep, np.inf
    for _ in range(rounds):
        tried = dataclasses.replace(bank, exposure=keep)
        seen = adaptive_tests(tried, rng.standard_normal(persons), rules, rng).exposure
        if seen.max() < least:
            best, least = keep, float(seen.max())
        chosen = seen / keep  # how often an item was picked, whether or not it was then asked
        keep = np.where(chosen > target, target / np.maximum(chosen, target), 1.0)
    return best


def _answers(bank: Bank, truth: float, rng: np.random.Generator) -> Floats:
    return (rng.random(len(bank)) < 1.0 / (1.0 + np.exp(-bank.a * (truth - bank.b)))).astype(np.float64)


def _summary(bank: Bank, abilities: Floats, tests: Sequence[tuple[list[int], float]]) -> Simulated:
    met = np.zeros(len(bank))
    for items, _ in tests:
        met[items] += 1
    error = np.array([theta for _, theta in tests]) - abilities
    asked = np.array([len(items) for items, _ in tests], dtype=np.float64)
    return Simulated(asked, float(error.mean()), float(np.sqrt((error**2).mean())), met / len(tests))
