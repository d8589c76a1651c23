"""Choosing the next item, and the simulation against the figures of design/questions.md."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from questions.psychometrics import irt
from questions.psychometrics.adaptive import Bank, Rules, ability, held_back, next_item
from questions.psychometrics.responses import PsychometricsError
from questions.psychometrics.simulation import (
    adaptive_tests,
    best_form,
    exposure_parameters,
    fixed_order_tests,
)

GREEDY = Rules(randomesque=1, most=300)


def bank(items: int = 300, seed: int = 7) -> Bank:
    """Slopes log-normal with median 1.1, difficulties standard normal: what the table of questions.md fits."""
    rng = np.random.default_rng(seed)
    return Bank.of(np.exp(rng.normal(0.08, 0.34, items)), rng.normal(0.0, 1.0, items))


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_the_first_item_tells_most_about_an_average_person():
    items = Bank.of([1.0, 2.0, 2.0], [0.0, 0.1, 2.0])
    found = next_item(items, {}, GREEDY, rng())
    assert (found.item, found.theta, found.reason) == (1, pytest.approx(0.0, abs=1e-9), "asked")
    assert found.sd == pytest.approx(1.0, abs=1e-6)


def test_ability_is_the_eap_of_the_irt_module():
    items = bank(20)
    given = {0: 1.0, 3: 0.0, 7: 1.0}
    row = np.full(20, np.nan)
    row[list(given)] = list(given.values())
    expected = irt.eap(row, irt.items_of(items.a, items.b))
    assert ability(items, given) == (pytest.approx(expected.theta[0]), pytest.approx(expected.sd[0]))


def test_randomesque_takes_each_of_the_best_five_and_no_other():
    items, source = bank(50), rng()
    seen = Counter(next_item(items, {}, Rules(), source).item for _ in range(300))
    p = 1 / (1 + np.exp(items.a * items.b))
    assert set(seen) == set(np.argsort(-(items.a**2) * p * (1 - p))[:5].tolist())


def test_stops_when_precise_at_the_cap_and_when_nothing_is_left():
    sharp = Bank.of([3.0] * 30, np.linspace(-1, 1, 30))
    given = {at: float(at < 15) for at in range(30)}
    assert next_item(sharp, given, Rules(), rng()).reason == "precise"
    assert next_item(bank(), dict.fromkeys(range(6), 1.0), Rules(most=6, se=0.01), rng()).reason == "cap"
    assert next_item(bank(2), {0: 1.0, 1: 0.0}, Rules(), rng()).reason == "exhausted"
    few = next_item(sharp, {0: 1.0}, Rules(se=0.99, fewest=2), rng())
    assert few.reason == "asked"


def test_refused_and_answered_items_are_not_asked():
    found = {next_item(bank(8), {0: 1.0}, Rules(), rng(), refused=frozenset(range(1, 7))).item}
    assert found == {7}


def test_quotas_are_met():
    items = dataclasses.replace(bank(200), topics=("F1", "F2", "D1", "D2") * 50)
    rules = Rules(quotas={"F1": 0.5, "D1": 0.3, "D2": 0.2}, se=0.01, most=20)
    given: dict[int, float] = {}
    source = rng()
    while (found := next_item(items, given, rules, source)).item is not None:
        given[found.item] = float(source.random() < 0.5)
    assert Counter(items.topics[item] for item in given) == {"F1": 10, "D1": 6, "D2": 4}


def test_pilot_items_are_asked_now_and_then_and_never_count():
    items = dataclasses.replace(bank(60), is_pilot=np.arange(60) >= 40)
    source = rng()
    found = [next_item(items, {}, Rules(pilot_share=0.2), source) for _ in range(300)]
    share = sum(not entry.is_scored for entry in found) / 300
    assert 0.12 < share < 0.28
    assert all((entry.item >= 40) != entry.is_scored for entry in found)
    assert ability(items, {}) == (
        next_item(items, {45: 1.0}, Rules(), source).theta,
        next_item(items, {45: 1.0}, Rules(), source).sd,
    )


def test_adaptive_order_needs_about_a_third_of_a_random_orders_items():
    """questions.md: random 46, best form 23, max information 16.7, randomesque-5 17.3 on such a bank."""
    items, people, source = bank(), np.random.default_rng(3).standard_normal(120), rng()
    random = fixed_order_tests(items, people, GREEDY, source).mean_asked
    form = fixed_order_tests(items, people, GREEDY, source, best_form(items)).mean_asked
    greedy = adaptive_tests(items, people, GREEDY, source)
    five = adaptive_tests(items, people, Rules(most=300), source)
    assert random == pytest.approx(46, rel=0.12)
    assert form == pytest.approx(23, rel=0.25)
    assert greedy.mean_asked == pytest.approx(16.7, rel=0.15)
    assert five.mean_asked == pytest.approx(17.3, rel=0.15)
    assert greedy.rmse == pytest.approx(0.32, abs=0.06)
    assert five.exposure.max() < greedy.exposure.max() == 1.0


def test_sympson_hetter_holds_every_item_near_its_limit():
    items, source, rules = bank(), rng(), Rules(randomesque=1, most=30)
    free = adaptive_tests(items, source.standard_normal(150), rules, source)
    keep = exposure_parameters(items, rules, source, target=0.25, persons=150, rounds=8)
    limited = dataclasses.replace(items, exposure=keep)
    held = adaptive_tests(limited, source.standard_normal(300), rules, source)
    assert free.exposure.max() == 1.0
    assert held.exposure.max() < 0.42  # 0.25 and the noise of 150 and 300 people
    assert free.mean_asked < held.mean_asked < 1.5 * free.mean_asked


def test_an_item_held_back_is_asked_only_where_nothing_else_is_left():
    items = Bank.of([1.0, 2.0], [0.0, 0.0], exposure=[1.0, 0.0])
    held = held_back(items, rng())
    assert held == {1}
    assert next_item(items, {}, GREEDY, rng(), held=held).item == 0
    assert next_item(items, {0: 1.0}, GREEDY, rng(), held=held).item == 1


@pytest.mark.parametrize(
    "wrong", [{"se": 0.0}, {"fewest": 9, "most": 3}, {"randomesque": 0}, {"quotas": {"F1": 0.8, "D1": 0.4}}]
)
def test_rules_that_cannot_be_followed_are_refused(wrong: dict[str, object]):
    with pytest.raises(PsychometricsError, match="Rules"):
        Rules(**wrong)


def test_a_bank_of_different_lengths_and_strange_answers_are_refused():
    with pytest.raises(PsychometricsError, match="lengths"):
        Bank.of([1.0], [0.0, 1.0])
    with pytest.raises(PsychometricsError, match="0 to 4"):
        next_item(bank(5), {9: 1.0}, Rules(), rng())
