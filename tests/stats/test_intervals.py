"""Intervals against published numbers, scipy and statsmodels, and the coverage they promise."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evalhub.stats import intervals
from evalhub.stats.arguments import BadArgument, TooFewItems
from evalhub.stats.interval import METHODS

scores01 = st.lists(st.floats(0.0, 1.0, allow_subnormal=False), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_reproduces_newcombe_1998_table_1(successes: int, n: int, low: float, high: float) -> None:
    found = intervals.wilson(successes, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert (found.method, found.n, found.estimate) == ("wilson", n, successes / n)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_reproduces_newcombe_1998_table_1(
    successes: int, n: int, low: float, high: float
) -> None:
    found = intervals.clopper_pearson(successes, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(0, 300), st.integers(1, 300), st.sampled_from([0.8, 0.95, 0.99]))
def test_proportions_agree_with_scipy(successes: int, n: int, level: float) -> None:
    successes = min(successes, n)
    truth = stats.binomtest(successes, n)
    for mine, name in ((intervals.wilson, "wilson"), (intervals.clopper_pearson, "exact")):
        found, oracle = mine(successes, n, level), truth.proportion_ci(level, name)
        assert found.low == pytest.approx(oracle.low, abs=1e-10)
        assert found.high == pytest.approx(oracle.high, abs=1e-10)
        assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0


def test_none_of_n_is_bounded_by_about_three_in_n() -> None:
    assert intervals.clopper_pearson(0, 300, 0.90).high == pytest.approx(3 / 300, rel=0.01)
    assert intervals.wilson(0, 300).low == 0.0
    assert intervals.wilson(300, 300).high == 1.0


def test_no_data_is_none_never_zero() -> None:
    empty: list[float] = []
    assert intervals.wilson(0, 0) is None
    assert intervals.clopper_pearson(0, 0) is None
    assert intervals.mean_t(empty) is None
    assert intervals.for_scores(empty) is None
    assert intervals.for_scores([np.nan, np.nan]) is None
    assert intervals.bounded_mean(empty) is None
    assert intervals.clustered(empty, []) is None
    assert intervals.bootstrap_bca(np.mean, empty) is None


def test_t_interval_agrees_with_scipy_and_refuses_few_items() -> None:
    scores = np.random.default_rng(1).beta(4, 2, 250)
    found = intervals.mean_t(scores)
    low, high = stats.t.interval(0.95, 249, scores.mean(), stats.sem(scores))
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    with pytest.raises(TooFewItems, match="199 items are too few.*for_scores"):
        intervals.mean_t(scores[:199])


def test_clustered_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(2)
    groups = rng.integers(0, 40, 300)
    scores = (rng.random(300) < 0.4 + 0.3 * (groups % 2)).astype(float)
    oracle = sm.OLS(scores, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    found = intervals.clustered(scores, groups)
    half = stats.t.isf(0.025, len(set(groups)) - 1) * oracle.bse[0]
    assert found.estimate == pytest.approx(oracle.params[0], abs=1e-12)
    assert found.high - found.estimate == pytest.approx(half, rel=1e-10)


def test_clustered_by_hand() -> None:
    # mean 1/2; cluster sums of deviations 1 and -1; sqrt(2/1 * (1 + 1)) / 4 = 1/2
    found = intervals.clustered([1, 1, 0, 0], ["a", "a", "b", "b"])
    assert found.high - found.estimate == pytest.approx(0.5 * stats.t.isf(0.025, 1))


def test_bca_agrees_with_scipy() -> None:
    scores = np.random.default_rng(3).exponential(1.0, 60)
    found = intervals.bootstrap_bca(lambda x: float(np.median(x)), scores, resamples=3000, seed=5)
    oracle = stats.bootstrap(
        (scores,), np.median, n_resamples=3000, method="BCa", rng=np.random.default_rng(6)
    )
    assert found.low == pytest.approx(oracle.confidence_interval.low, abs=0.06)
    assert found.high == pytest.approx(oracle.confidence_interval.high, abs=0.06)
    assert found.estimate == pytest.approx(np.median(scores))


def test_bca_keeps_columns_and_clusters_together() -> None:
    rng = np.random.default_rng(4)
    x = np.repeat(rng.normal(size=30), 4)
    found = intervals.bootstrap_bca(
        lambda a, b: float(np.mean(a - b)),
        x,
        np.zeros(120),
        clusters=np.repeat(np.arange(30), 4),
        resamples=1000,
    )
    bare = intervals.bootstrap_bca(lambda a, b: float(np.mean(a - b)), x, np.zeros(120), resamples=1000)
    assert found.width > 1.6 * bare.width  # four equal copies are one observation
    with pytest.raises(TooFewItems, match="shows no spread"):
        intervals.bootstrap_bca(lambda a: float(np.mean(a)), np.ones(20), resamples=100)


def test_for_scores_picks_and_names_the_method() -> None:
    half = [0.0, 1.0] * 20
    assert intervals.for_scores(half) == intervals.wilson(20, 40)
    assert intervals.for_scores(half, clusters=range(40)).method == "wilson"
    assert intervals.for_scores(half, clusters=[i // 2 for i in range(40)]).method == "clustered_wilson"
    assert intervals.for_scores([0.5, 1.0, 0.25]).method == "wilson_mean"
    assert intervals.for_scores([3.0, 9.0, 4.0], bounds=None).method == "student_t"
    assert intervals.for_scores([3.0, 9.0, 4.0], [1, 1, 2], bounds=None).method == "clustered_t"
    assert intervals.for_scores([1.0, 1.0, 0.0], ["p", "p", "p"]).method == "one_cluster"
    assert intervals.for_scores([3.0], bounds=None) is None
    assert all(intervals.for_scores(half, clusters=c).method in METHODS for c in (None, [0] * 40))


def test_for_scores_drops_what_was_not_answered_and_keeps_units() -> None:
    found = intervals.for_scores([1.0, np.nan, 10.0, 4.0], clusters=["a", "a", "b", "c"], bounds=(1.0, 10.0))
    assert found.n == 3
    assert found.method == "wilson_mean"  # with the missing one gone no cluster repeats
    assert 1.0 <= found.low < found.estimate == 5.0 < found.high <= 10.0


def test_wilson_mean_meets_t_for_many_ordinary_scores() -> None:
    scores = np.random.default_rng(7).beta(2, 2, 4000)
    mine, t = intervals.for_scores(scores), intervals.mean_t(scores)
    assert (mine.low, mine.high) == pytest.approx((t.low, t.high), abs=3e-4)


@settings(max_examples=30, deadline=None)
@given(scores01)
def test_bounded_intervals_stay_within_bounds_and_hold_the_mean(scores: list[float]) -> None:
    for found in (intervals.for_scores(scores), intervals.bounded_mean(scores)):
        assert 0.0 <= found.low <= found.estimate + 1e-12
        assert found.estimate - 1e-12 <= found.high <= 1.0
        assert found.width > 0.0  # no finite sample settles a mean


@settings(max_examples=30, deadline=None)
@given(scores01, st.randoms())
def test_intervals_do_not_depend_on_the_order_of_items(scores: list[float], random: object) -> None:
    shuffled = list(scores)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for method in (intervals.for_scores, intervals.bounded_mean):
        first, second = method(scores), method(shuffled)
        assert (first.low, first.high) == pytest.approx((second.low, second.high), abs=1e-12)


@given(st.integers(2, 40), st.integers(0, 40))
def test_doubling_every_item_in_its_cluster_changes_nothing(items: int, right: int) -> None:
    scores = np.array([1.0] * min(right, items) + [0.0] * (items - min(right, items)))
    once = intervals.clustered_wilson(scores, range(items))
    twice = intervals.clustered_wilson(np.repeat(scores, 2), np.repeat(np.arange(items), 2))
    assert (once.low, once.high) == pytest.approx((twice.low, twice.high), abs=1e-12)


def test_coverage_of_wald_wilson_and_clustered() -> None:
    rng, n, p = np.random.default_rng(0), 20, 0.95
    counts = rng.binomial(n, p, 4000)
    wilson = np.mean([p in intervals.wilson(int(k), n) for k in counts])
    half = 1.96 * np.sqrt(counts / n * (1 - counts / n) / n)
    wald = np.mean(np.abs(counts / n - p) <= half)
    assert wald == pytest.approx(0.64, abs=0.02)  # statistics.md: 64 %
    assert 0.92 <= wilson <= 0.97
    chance = rng.beta(4.5, 0.5, (800, 20, 1))
    answers = (rng.random((800, 20, 5)) < chance).reshape(800, -1)
    label = np.repeat(np.arange(20), 5)
    t = np.mean([0.9 in intervals.clustered(row, label) for row in answers])
    mine = np.mean([0.9 in intervals.for_scores(row, label) for row in answers])
    bare = np.mean([0.9 in intervals.for_scores(row) for row in answers])
    assert mine >= 0.93
    assert bare < t < mine


def test_betting_covers_where_t_collapses() -> None:
    rng = np.random.default_rng(8)
    runs = rng.choice([0.0, 0.5, 1.0], p=[0.01, 0.04, 0.95], size=(120, 20))
    t = np.mean([0.97 in intervals.mean_t(row, least=2) for row in runs])
    assert t < 0.75
    assert np.mean([0.97 in intervals.bounded_mean(row) for row in runs]) >= 0.95
    assert np.mean([0.97 in intervals.for_scores(row) for row in runs]) >= 0.93


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: intervals.wilson(5, 3), "5 successes of 3"),
        (lambda: intervals.wilson(-1, 3), "successes is -1"),
        (lambda: intervals.wilson(1, 3, 95), "level is 95"),
        (lambda: intervals.for_scores([1.5]), "outside bounds"),
        (lambda: intervals.for_scores([[1.0]]), "2 dimensions"),
        (lambda: intervals.for_scores([np.inf]), "infinite"),
        (lambda: intervals.for_scores([1.0, 0.0], ["a"]), "1 labels for 2 scores"),
        (lambda: intervals.for_scores([1.0], bounds=(1.0, 0.0)), "lowest possible score"),
    ],
)
def test_bad_arguments_say_what_was_seen_and_the_cure(call: object, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        call()  # type: ignore[operator]


def test_one_cluster_has_no_clustered_interval() -> None:
    with pytest.raises(TooFewItems, match="all 2 items lie in one cluster"):
        intervals.clustered([1.0, 0.0], ["a", "a"])
