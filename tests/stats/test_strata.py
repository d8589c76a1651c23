"""Weighted means of groups."""

import numpy as np
import pytest

from evalhub.stats.arguments import BadArgument
from evalhub.stats.intervals import wilson
from evalhub.stats.strata import weighted_mean


def test_worked_example_with_large_groups_equals_the_textbook() -> None:
    parts = [wilson(6000, 10_000), wilson(32_000, 40_000)]
    found = weighted_mean(parts, [3.0, 1.0])
    assert found.estimate == pytest.approx(0.65)
    error = np.sqrt((0.75**2) * 0.6 * 0.4 / 10_000 + (0.25**2) * 0.8 * 0.2 / 40_000)
    assert (found.low, found.high) == pytest.approx((0.65 - 1.96 * error, 0.65 + 1.96 * error), abs=5e-5)
    assert (found.n, found.method) == (50_000, "mover")


def test_one_group_is_itself_and_equal_weights_are_the_macro_mean() -> None:
    part = wilson(3, 10)
    alone = weighted_mean([part])
    assert (alone.low, alone.high) == pytest.approx((part.low, part.high))
    assert weighted_mean([wilson(0, 10), wilson(90, 90)]).estimate == pytest.approx(0.5)


def test_a_group_without_data_leaves_no_mean_unless_it_has_no_weight() -> None:
    assert weighted_mean([wilson(1, 2), None]) is None
    assert weighted_mean([wilson(1, 2), None], [1.0, 0.0]).estimate == 0.5


def test_lopsided_groups_cover() -> None:
    rng, truth, held = np.random.default_rng(0), np.array([0.97, 0.5, 0.9]), 0
    for _ in range(600):
        counts = rng.binomial([20, 40, 30], truth)
        held += truth.mean() in weighted_mean(
            [wilson(int(k), n) for k, n in zip(counts, (20, 40, 30), strict=True)]
        )
    assert held / 600 == pytest.approx(0.95, abs=0.03)


def test_bad_arguments() -> None:
    with pytest.raises(BadArgument, match="weights are"):
        weighted_mean([wilson(1, 2)], [0.0])
    with pytest.raises(BadArgument, match="levels"):
        weighted_mean([wilson(1, 2), wilson(1, 2, 0.9)])
