"""Kappa and alpha against scikit-learn, statsmodels and krippendorff, by hand, and at their edges."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from evalhub.stats import agreement
from evalhub.stats.arguments import BadArgument

ratings = arrays(np.int64, (30, 2), elements=st.integers(0, 4))


def test_cohen_kappa_worked_example() -> None:
    # the table 20 5 / 10 15: observed .70, by chance .50, kappa .40
    first = [1] * 25 + [0] * 25
    second = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    found = agreement.cohen_kappa(first, second)
    assert found.estimate == pytest.approx(0.40)
    oracle = cohens_kappa([[15, 10], [5, 20]])
    assert (found.low, found.high) == pytest.approx((oracle.kappa_low, oracle.kappa_upp), abs=1e-9)


@given(ratings)
def test_kappas_agree_with_scikit_learn_and_statsmodels(table: np.ndarray) -> None:
    first, second = table.T
    if min(np.unique(first).size, np.unique(second).size) < 2 or np.array_equal(first, second):
        return  # see the tests of edges below
    found = agreement.cohen_kappa(first.tolist(), second.tolist())
    assert found.estimate == pytest.approx(cohen_kappa_score(first, second), abs=1e-10)
    levels = list(range(5))
    for mine, weights, name in (
        (agreement.quadratic_kappa, "quadratic", "fc"),
        (agreement.linear_kappa, "linear", "ca"),
    ):
        found = mine(first, second)
        assert found.estimate == pytest.approx(
            cohen_kappa_score(first, second, labels=levels, weights=weights), abs=1e-10
        )
        counts = np.zeros((5, 5))
        np.add.at(counts, (first, second), 1)
        oracle = cohens_kappa(counts, wt=name)
        if found.low > -1 and found.high < 1:
            assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(oracle.std_kappa, abs=1e-5)


def test_krippendorff_worked_example() -> None:
    # Krippendorff, "Computing Krippendorff's alpha-reliability", 2011: 4 observers, 12 units, nominal .743, ordinal .815,
    # interval .849, ratio .797
    nan = np.nan
    data = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
            [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
        ]
    )
    for metric, alpha in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)):
        found = agreement.krippendorff_alpha(data.T, metric)
        assert found.estimate == pytest.approx(alpha, abs=5e-4)
        assert found.low < found.estimate < found.high
        assert found.n == 11  # a unit with one rating pairs with nothing


@settings(max_examples=30)
@given(arrays(np.float64, (15, 3), elements=st.sampled_from([1.0, 2.0, 3.0, 5.0, np.nan])))
def test_alpha_agrees_with_krippendorff(data: np.ndarray) -> None:
    paired = data[(~np.isnan(data)).sum(axis=1) >= 2]
    if np.unique(paired[~np.isnan(paired)]).size < 2:
        assert agreement.krippendorff_alpha(data, resamples=10) is None
        return
    for metric in ("nominal", "ordinal", "interval", "ratio"):
        found = agreement.krippendorff_alpha(data, metric, resamples=10)
        oracle = krippendorff.alpha(reliability_data=data.T, level_of_measurement=metric)
        assert found.estimate == pytest.approx(oracle, abs=1e-10)


def test_bootstrap_of_alpha_covers() -> None:
    rng, held, runs = np.random.default_rng(0), 0, 60
    truth = agreement.krippendorff_alpha(_raters(rng, 20_000), resamples=2).estimate
    for run in range(runs):
        held += truth in agreement.krippendorff_alpha(_raters(rng, 80), resamples=300, seed=run)
    assert held / runs >= 0.88


def _raters(rng: np.random.Generator, items: int) -> np.ndarray:
    truth = rng.integers(0, 3, (items, 1))
    return np.where(rng.random((items, 3)) < 0.7, truth, rng.integers(0, 3, (items, 3))).astype(float)


def test_perfect_agreement_of_few_items_is_not_certainty() -> None:
    labels = ["a", "b"] * 10
    for found in (
        agreement.cohen_kappa(labels, labels),
        agreement.quadratic_kappa([1, 2] * 10, [1, 2] * 10),
        agreement.krippendorff_alpha(np.array([[1, 1], [2, 2]] * 10)),
    ):
        assert (found.estimate, found.high) == (1.0, 1.0)
        assert (
            0.5 < found.low < 0.75
        )  # at 20 of 20 Wilson's lower limit is .839, and half of pairs differ by chance


def test_a_rater_who_used_one_label_leaves_kappa_uncertain() -> None:
    found = agreement.cohen_kappa([0] + [1] * 29, [1] * 30)
    assert found.estimate == pytest.approx(0.0)
    assert found.low < -0.1
    assert found.high > 0.1


def test_undefined_is_none_and_missing_is_left_out() -> None:
    assert agreement.cohen_kappa([], []) is None
    assert agreement.cohen_kappa(["a", "a"], ["a", "a"]) is None
    assert agreement.quadratic_kappa([np.nan, 1], [1, np.nan]) is None
    assert agreement.quadratic_kappa([1, 2, np.nan, 3], [1, 2, 3, 2]).n == 3


def test_bad_arguments() -> None:
    with pytest.raises(BadArgument, match="2 and 1 labels"):
        agreement.cohen_kappa(["a", "b"], ["a"])
    with pytest.raises(BadArgument, match="metric is 'cosine'"):
        agreement.krippendorff_alpha([[1, 2]], "cosine")
