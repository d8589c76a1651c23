"""The variance split against analysis of variance by hand, and against simulated components."""

import numpy as np
import pytest

from evalhub.stats import repeats
from evalhub.stats.arguments import BadArgument, TooFewItems
from evalhub.stats.intervals import for_scores


def test_worked_example() -> None:
    # item means .75 and .25 (variance .125); within items .25 / 3 * ... = (.25 + .25) / 2 = .25; carried .25 / 4
    found = repeats.split([[1, 1, 1, 0], [0, 0, 0, 1]])
    assert found == repeats.VarianceSplit(
        items=pytest.approx(0.125 - 0.25 / 4), repeats=0.25, judgings=None, n=2
    )


def test_known_components_are_recovered() -> None:
    rng = np.random.default_rng(0)
    scores = (
        rng.normal(0, 0.3, (4000, 1, 1)) + rng.normal(0, 0.2, (4000, 4, 1)) + rng.normal(0, 0.1, (4000, 4, 3))
    )
    found = repeats.split(scores)
    assert (found.items, found.repeats, found.judgings) == pytest.approx((0.09, 0.04, 0.01), rel=0.05)
    assert found.standard_error(4000, 4, 3) == pytest.approx(
        scores.mean(axis=(1, 2)).std(ddof=1) / np.sqrt(4000), rel=1e-3
    )


def test_missing_repeats_are_left_out() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 0.3, (3000, 1)) + rng.normal(0, 0.2, (3000, 5))
    scores[rng.random(scores.shape) < 0.4] = np.nan
    found = repeats.split(scores)
    assert (found.items, found.repeats) == pytest.approx((0.09, 0.04), rel=0.08)


def test_without_repeats_their_noise_lies_within_the_items() -> None:
    found = repeats.split([[1.0], [0.0], [1.0]])
    assert (found.repeats, found.judgings) == (None, None)
    assert found.items == pytest.approx(1 / 3)


def test_n_is_items_not_generations() -> None:
    scores = np.repeat([[1.0], [0.0], [1.0], [0.0]], 50, axis=1)
    assert repeats.mean_interval(scores) == for_scores([1, 0, 1, 0])


def test_more_repeats_help_less_and_less() -> None:
    found = repeats.VarianceSplit(items=0.1, repeats=0.1, judgings=None, n=100)
    errors = [found.standard_error(100, k) for k in (1, 2, 10, 1000)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == pytest.approx(np.sqrt(0.1 / 100), rel=1e-3)


def test_no_data_one_item_and_wrong_shapes() -> None:
    assert repeats.split(np.full((3, 2), np.nan)) is None
    assert repeats.mean_interval(np.full((3, 2), np.nan)) is None
    with pytest.raises(TooFewItems, match="1 item shows no variance"):
        repeats.split([[1.0, 0.0]])
    with pytest.raises(BadArgument, match="give \\(items, repeats\\)"):
        repeats.split([1.0, 0.0])
