"""Paired comparison: exact McNemar, Tango's interval, clusters, flips; and why unpaired tests are a bug."""

from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from evalhub.stats import pairs, tango
from evalhub.stats.arguments import BadArgument

binary = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80)


def test_mcnemar_worked_example() -> None:
    # Fagerland et al. 2014 (airway hyper-responsiveness): b = 1, c = 7, exact p = 0.0703
    assert pairs.mcnemar_exact(1, 7) == pytest.approx(0.0703, abs=5e-5)
    assert pairs.mcnemar_exact(0, 0) == 1.0


@given(st.integers(0, 200), st.integers(0, 200))
def test_mcnemar_agrees_with_statsmodels(b: int, c: int) -> None:
    if b + c:
        assert pairs.mcnemar_exact(b, c) == pytest.approx(
            mcnemar([[9, b], [c, 9]], exact=True).pvalue, abs=1e-10
        )
    assert pairs.mcnemar_exact(b, c) == pairs.mcnemar_exact(c, b)


@pytest.mark.parametrize(
    ("b", "c", "n", "level", "low", "high"),
    [
        (1, 7, 21, 0.95, -0.517, -0.026),  # Fagerland et al. 2014, table V
        (28, 25, 618, 0.90, -0.0148, 0.0247),  # R PropCIs::scoreci.mp(25, 28, 618, 0.90)
    ],
)
def test_tango_worked_examples(b: int, c: int, n: int, level: float, low: float, high: float) -> None:
    found = tango.limits(b, c, n, level)
    digits = len(str(low).split(".")[1])
    assert (round(found.low, digits), round(found.high, digits)) == (low, high)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_tango_is_symmetric_within_bounds_and_agrees_with_its_own_test(b: int, c: int, rest: int) -> None:
    n = max(1, b + c + rest)
    found, mirrored = tango.limits(b, c, n, 0.95), tango.limits(c, b, n, 0.95)
    assert -1.0 <= found.low <= (b - c) / n <= found.high <= 1.0
    assert found.low == pytest.approx(-mirrored.high, abs=1e-9)
    if min(b, c, rest) > 4:  # for few items the exact tail and the normal one part
        assert tango.p_greater(b, c, n, found.low) == pytest.approx(0.025, abs=0.012)


def test_one_sided_p_by_enumeration() -> None:
    # 4 items, 3 won, none lost, against 'no difference': the score is ordered by (b - c) / sqrt(b + c), and the discordance
    # as if there were no difference is 3/4, so P(b - c as extreme) sums (3/8)^b (3/8)^c (1/4)^d 4! / (b! c! d!)
    chance = sum(
        factorial(4)
        / (factorial(b) * factorial(c) * factorial(4 - b - c))
        * 0.375 ** (b + c)
        * 0.25 ** (4 - b - c)
        for b in range(5)
        for c in range(5 - b)
        if b + c and (b - c) / np.sqrt(b + c) >= np.sqrt(3) - 1e-9
    )
    assert tango.p_greater(3, 0, 4, 0.0) == pytest.approx(chance)


@pytest.mark.parametrize(("discordant", "difference"), [(0.06, 0.05), (0.06, -0.05), (0.2, 0.05)])
def test_one_sided_level_is_held_where_few_items_are_discordant(discordant: float, difference: float) -> None:
    n, up = 100, (discordant + difference) / 2
    draws = np.random.default_rng(6).multinomial(n, [up, discordant - up, 1 - discordant], 4000)
    counts, times = np.unique(draws[:, :2], axis=0, return_counts=True)
    wrong = sum(
        t
        for (b, c), t in zip(counts, times, strict=True)
        if tango.p_greater(int(b), int(c), n, difference) <= 0.01
    )
    assert wrong / 4000 <= 0.01 + 2.6 * np.sqrt(0.01 * 0.99 / 4000)


def test_many_items_use_the_normal_tail() -> None:
    below, above = tango.p_greater(1500, 1400, 49_000, 0.0), tango.p_greater(1600, 1500, 52_000, 0.0)
    assert below == pytest.approx(stats.norm.sf(100 / np.sqrt(2900)), rel=0.03)
    assert above == pytest.approx(stats.norm.sf(100 / np.sqrt(3100)), rel=0.03)


def test_paired_difference_of_binary_scores() -> None:
    first = [1, 1, 1, 0, 1, 1, 0, 1, np.nan]
    second = [1, 0, 0, 0, 1, 0, 1, 1, 1]
    found = pairs.paired_difference(first, second)
    assert (found.n, found.b, found.c, found.diff) == (8, 3, 1, 0.25)
    assert (found.test, found.p) == ("mcnemar_exact", pairs.mcnemar_exact(3, 1))
    assert (found.interval.low, found.interval.high) == tuple(tango.limits(3, 1, 8, 0.95))
    assert pairs.paired_difference([np.nan], [1.0]) is None


def test_unbounded_differences_agree_with_the_paired_t_test() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.gamma(2, 1, 50), rng.gamma(2, 1.2, 50)
    found, oracle = pairs.paired_difference(first, second, bounds=None), stats.ttest_rel(first, second)
    interval = oracle.confidence_interval()
    assert found.p == pytest.approx(oracle.pvalue, abs=1e-12)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (interval.low, interval.high), abs=1e-12
    )


def test_bounded_differences_agree_with_permutation_and_t_for_ordinary_scores() -> None:
    rng = np.random.default_rng(1)
    first = rng.choice([0, 1 / 3, 2 / 3, 1], 400)
    second = np.clip(first - rng.choice([0, 0, 0, 1 / 3], 400) + rng.choice([0, 0, 0, 1 / 3], 400), 0, 1)
    found = pairs.paired_difference(first, second)
    oracle = stats.permutation_test(
        (first, second),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=4000,
        rng=np.random.default_rng(2),
    )
    assert found.test == "score"
    assert found.p == pytest.approx(oracle.pvalue, abs=0.03)
    t = stats.ttest_rel(first, second).confidence_interval()
    assert (found.interval.low, found.interval.high) == pytest.approx((t.low, t.high), abs=2e-3)


@given(binary)
def test_swapping_the_two_swaps_the_answer(rows: list[tuple[bool, bool]]) -> None:
    first, second = np.array(rows, dtype=float).T
    there, back = pairs.paired_difference(first, second), pairs.paired_difference(second, first)
    assert there.diff == -back.diff
    assert there.p == back.p
    assert there.interval.low == pytest.approx(-back.interval.high, abs=1e-9)


@given(binary)
def test_score_interval_and_its_p_value_agree(rows: list[tuple[bool, bool]]) -> None:
    first, second = np.array(rows, dtype=float).T
    found = pairs.paired_difference(first * 0.5 + 0.1, second)
    excluded = found.interval.low > 1e-9 or found.interval.high < -1e-9
    if abs(found.p - 0.05) > 1e-6:
        assert excluded == (found.p < 0.05)


def test_one_sided_test_agrees_with_the_interval() -> None:
    rng = np.random.default_rng(3)
    first, second = (rng.random(200) < 0.7).astype(float), (rng.random(200) < 0.6).astype(float)
    for label in (None, np.arange(200) // 4):
        found = pairs.paired_difference(first, second, label, level=0.90)
        tolerance = 1e-6 if label is not None else 0.005  # the exact tail of 0/1 scores differs a little
        assert pairs.p_exceeds(first, second, found.interval.low, label) == pytest.approx(0.05, abs=tolerance)
    assert pairs.p_exceeds([np.nan], [0.0], 0.0) is None


def test_clusters_widen_and_identical_answers_stay_uncertain() -> None:
    rng = np.random.default_rng(4)
    shared = np.repeat(rng.choice([-1, 0, 1], 40, p=[0.2, 0.5, 0.3]), 5)
    first, second = (shared == 1).astype(float), (shared == -1).astype(float)
    label = np.repeat(np.arange(40), 5)
    assert (
        pairs.paired_difference(first, second, label).interval.width
        > 1.8 * pairs.paired_difference(first, second).interval.width
    )
    same = pairs.paired_difference(np.ones(20), np.ones(20))
    assert same.p == 1.0
    assert same.interval.low < 0.0 < same.interval.high


def test_flips_name_the_items() -> None:
    found = pairs.flips([1, 0, 1, np.nan, 0.6], [0, 1, 1, 0, 0.4])
    assert found == pairs.Flips(gained=(0, 4), lost=(1,))


def test_paired_beats_unpaired_at_the_numbers_of_the_design() -> None:
    # n = 2000, 10 % discordant, true gap 2 points: unpaired z has power 9 %, the paired test 81 %
    rng, n = np.random.default_rng(5), 2000
    draws = rng.multinomial(n, [0.06, 0.04, 0.55, 0.35], 500)
    paired = np.mean([pairs.mcnemar_exact(int(b), int(c)) < 0.05 for b, c, _, _ in draws])
    one, two = (draws[:, 0] + draws[:, 2]) / n, (draws[:, 1] + draws[:, 2]) / n
    z = np.abs(one - two) / np.sqrt(one * (1 - one) / n + two * (1 - two) / n)
    assert paired == pytest.approx(0.80, abs=0.05)
    assert np.mean(z > 1.96) == pytest.approx(0.09, abs=0.06)


def test_bad_arguments() -> None:
    with pytest.raises(BadArgument, match="2 and 1 entries"):
        pairs.paired_difference([1, 0], [1])
    with pytest.raises(BadArgument, match="1 labels for 2 items"):
        pairs.paired_difference([1, 0], [1, 0], ["a"])
