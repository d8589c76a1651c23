"""Anytime-valid methods: against confseq, by hand, and under continuous peeking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from evalhub.stats import sequential
from evalhub.stats.arguments import BadArgument
from evalhub.stats.intervals import wilson

SCORES = (np.arange(200) * 7919 % 10) / 9.0
# confseq 0.0.11, betting.hedged_cs(SCORES, alpha=0.05, N, breaks=1000), after 10, 50, 100 and 200 scores
CONFSEQ = {
    None: [(0.232, 0.790), (0.378, 0.634), (0.409, 0.597), (0.431, 0.572)],
    300: [(0.237, 0.788), (0.388, 0.626), (0.422, 0.585), (0.453, 0.552)],
}


def test_eprocess_by_hand() -> None:
    # a = 1: E = B(3, 1) / B(1, 1) * 2^2 = 4 / 3 for two discordant items, both won
    assert sequential.eprocess(2, 0, prior=1.0) == pytest.approx(4 / 3)
    assert sequential.eprocess(0, 0) == 1.0
    assert sequential.eprocess(2000, 0) > 1e300


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.5, 1.0, 5.0]))
def test_eprocess_is_a_fair_game(b: int, c: int, prior: float) -> None:
    after = (sequential.eprocess(b + 1, c, prior) + sequential.eprocess(b, c + 1, prior)) / 2
    assert after == pytest.approx(sequential.eprocess(b, c, prior), rel=1e-9)
    assert sequential.eprocess(b, c, prior) == pytest.approx(sequential.eprocess(c, b, prior))


def test_decide_names_the_winner_only_when_decided() -> None:
    assert sequential.decide(5, 3).winner is None
    assert sequential.decide(30, 5).winner == "first"
    assert sequential.decide(5, 30).winner == "second"
    assert sequential.decide(30, 5).p == pytest.approx(1 / sequential.eprocess(30, 5))


def test_early_decisions_hold_their_error_and_save_items() -> None:
    # statistics.md: 15 % discordant, cap 1000: false alarms about 3 %, a gap of 8 points always decided after about 199, of 5
    # points in 85 % after about 526
    for gap, decided, items in ((0.0, 0.03, None), (0.08, 1.0, 199), (0.05, 0.85, 526)):
        stops = _stops(gap, runs=800)
        assert np.mean(stops < 1000) == pytest.approx(decided, abs=0.04)
        assert items is None or stops.mean() == pytest.approx(items, rel=0.08)


def _stops(gap: float, runs: int, cap: int = 1000) -> np.ndarray:
    draws = np.random.default_rng(1).random((runs, cap))
    b = np.cumsum(draws < (0.15 + gap) / 2, axis=1)
    c = np.cumsum((draws >= (0.15 + gap) / 2) & (draws < 0.15), axis=1)
    table = np.array([[betaln(i + 0.5, j + 0.5) for j in range(250)] for i in range(250)]) - betaln(0.5, 0.5)
    crossed = table[b, c] + (b + c) * np.log(2) >= np.log(20)
    return np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, cap)


@pytest.mark.parametrize("population", [None, 300])
def test_confidence_sequence_agrees_with_confseq(population: int | None) -> None:
    found = sequential.confidence_sequence(SCORES, population)
    mine = [(found.low[t - 1], found.high[t - 1]) for t in (10, 50, 100, 200)]
    assert np.array(mine) == pytest.approx(np.array(CONFSEQ[population]), abs=1.1e-3)


@given(st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=1, max_size=80))
def test_without_replacement_it_shrinks_to_the_truth(scores: list[float]) -> None:
    found = sequential.confidence_sequence(scores, population=len(scores))
    assert found.low[-1] == pytest.approx(np.mean(scores), abs=1e-12)
    assert found.high[-1] == pytest.approx(np.mean(scores), abs=1e-12)
    assert (found.low <= found.high).all()


def test_bounds_only_ever_tighten() -> None:
    found = sequential.confidence_sequence(SCORES)
    assert (np.diff(found.low) >= 0).all()
    assert (np.diff(found.high) <= 0).all()


def test_units_and_stopping_at_a_width() -> None:
    found = sequential.confidence_sequence(1 + 9 * SCORES, bounds=(1.0, 10.0))
    assert found.low[-1] == pytest.approx(1 + 9 * 0.431, abs=0.01)
    assert found.estimate[-1] == pytest.approx(5.5)
    stop = sequential.confidence_sequence(SCORES, population=300).first_within(0.08)
    assert 50 < stop < 200
    assert found.first_within(0.001) is None
    assert sequential.confidence_sequence([]) is None


def test_peeking_breaks_wilson_and_not_the_sequence() -> None:
    rng, runs, n, p = np.random.default_rng(2), 80, 200, 0.7
    wrong_wilson = wrong_sequence = 0
    for _ in range(runs):
        scores = (rng.random(n) < p).astype(float)
        counts = np.cumsum(scores).astype(int)
        wrong_wilson += any(p not in wilson(int(counts[t]), t + 1) for t in range(9, n))
        found = sequential.confidence_sequence(scores)
        wrong_sequence += bool(((found.low > p) | (found.high < p)).any())
    assert wrong_wilson / runs >= 0.15  # statistics.md: 30-35 % from the first item on
    assert wrong_sequence / runs <= 0.05


def test_rate_eprocess_by_hand_and_under_peeking() -> None:
    # one hit in one answer against 0.5: mean of p / 0.5 over p in (0.5, 1) is 1.5
    assert sequential.rate_eprocess(1, 1, 0.5) == pytest.approx(1.5)
    assert sequential.rate_eprocess(0, 0, 0.02) == pytest.approx(1.0)
    assert sequential.rate_eprocess(20, 100, 0.02) > 1e6
    hits = np.cumsum(np.random.default_rng(3).random((150, 400)) < 0.05, axis=1)
    alarms = [
        any(sequential.rate_eprocess(int(row[t]), t + 1, 0.05) >= 20 for t in range(0, 400, 10))
        for row in hits
    ]
    assert np.mean(alarms) <= 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sequential.eprocess(-1, 0), "b is -1"),
        (lambda: sequential.eprocess(1, 0, prior=0.0), "prior is 0"),
        (lambda: sequential.confidence_sequence([0.0, np.nan]), "hold NaN"),
        (lambda: sequential.confidence_sequence([0.0, 1.0], population=1), "population is 1 but 2"),
        (lambda: sequential.rate_eprocess(3, 2, 0.1), "3 hits in 2"),
        (lambda: sequential.rate_eprocess(1, 2, 0.0), "ceiling is 0"),
    ],
)
def test_bad_arguments(call: object, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        call()  # type: ignore[operator]
