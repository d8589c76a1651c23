"""Planning against the design's own table and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower

from evalhub.stats import planning
from evalhub.stats.arguments import BadArgument
from evalhub.stats.repeats import VarianceSplit


@pytest.mark.parametrize(("points", "items"), [(0.01, 11_766), (0.02, 2_936), (0.03, 1_301), (0.05, 464)])
def test_items_needed_at_15_percent_discordant(points: float, items: int) -> None:
    assert planning.items_needed(points, 0.15) == items


@pytest.mark.parametrize(("difference", "discordant"), [(0.02, 0.1), (0.05, 0.3), (0.1, 0.25)])
def test_agree_with_statsmodels(difference: float, discordant: float) -> None:
    effect = difference / np.sqrt(discordant - difference**2)
    oracle = NormalIndPower(ddof=0)
    n = oracle.solve_power(effect, power=0.8, alpha=0.05, ratio=0)
    assert planning.items_needed(difference, discordant) == pytest.approx(n, abs=1)
    assert planning.power(500, difference, discordant) == pytest.approx(
        oracle.power(effect, 500, 0.05, ratio=0), abs=1e-9
    )


def test_pairing_is_worth_it() -> None:
    # statistics.md: n = 2000, 10 % discordant, gap 2 points: 9 % unpaired (around 90 % accuracy it is more), 81 % paired
    assert planning.power(2000, 0.02, 0.10) == pytest.approx(0.81, abs=0.005)
    assert planning.unpaired_power(2000, 0.02, 0.60) < 0.30


@given(st.floats(0.005, 0.3), st.floats(0.0, 0.6))
def test_items_needed_give_the_power_asked(difference: float, more: float) -> None:
    discordant = min(1.0, difference + more + 0.01)
    n = planning.items_needed(difference, discordant)
    assert planning.power(n, difference, discordant) >= 0.8 - 1e-9
    if n > 1:
        assert planning.power(n - 1, difference, discordant) < 0.8 + 1e-4


def test_smallest_difference_is_the_inverse() -> None:
    found = planning.smallest_difference(2936, 0.15)
    assert found == pytest.approx(0.02, abs=1e-5)
    assert planning.smallest_difference(5, 0.05) is None


def test_designs_prefer_items_to_repeats() -> None:
    split = VarianceSplit(items=0.12, repeats=0.08, judgings=None, n=200)
    best = planning.designs(split, 1000)[0]
    assert (best.items, best.repeats, best.answers) == (1000, 1, 1000)
    assert planning.items_for_width(split, 0.02) == pytest.approx(0.2 * (1.96 / 0.02) ** 2, rel=0.001)


def test_forecast_of_cost_and_time() -> None:
    price = planning.Price(
        tokens_in=500, tokens_out=200, per_million_in=0.5, per_million_out=1.5, seconds=4.0
    )
    found = planning.forecast(1000, price, in_flight=16)
    assert found == planning.Forecast(1000, 700_000, pytest.approx(0.55), 250.0)
    assert planning.forecast(0, price).cost == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: planning.items_needed(0.0, 0.1), "difference is 0"),
        (lambda: planning.items_needed(0.2, 0.1), "lies between the difference and 1"),
        (lambda: planning.items_needed(0.1, 0.2, power=80), "power is 80"),
        (lambda: planning.unpaired_power(10, 0.1, 1.0), "mean is 1.0"),
        (lambda: planning.items_for_width(VarianceSplit(0.1, None, None, 3), 0.0), "half_width is 0.0"),
    ],
)
def test_bad_arguments(call: object, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        call()  # type: ignore[operator]
