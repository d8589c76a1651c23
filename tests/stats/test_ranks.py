"""Rank sets against R's csranks, by hand, by property and by a small simulation; and their speed."""

import string
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evalhub.stats import ranks
from evalhub.stats.arguments import BadArgument

# PISA 2018 mathematics, OECD: country, mean, standard error (data of R's csranks; OECD, public)
PISA = """AUS 491.3600252 1.939833031 AUT 498.9423138 2.970998694 BEL 508.0703063 2.262662011 CAN 512.0169429 2.357475749
CHL 417.4065563 2.41588757 COL 390.9322732 2.989559274 CZE 499.4676508 2.460661531 DNK 509.3983746 1.735002337
EST 523.4145802 1.743602224 FIN 507.3013618 1.967920411 FRA 495.4075794 2.320214487 DEU 500.0437805 2.647083096
GRC 451.3703438 3.091228197 HUN 481.0826364 2.319596741 ISL 495.1873762 1.953082603 IRL 499.632894 2.198621128
ISR 463.0345488 3.498563228 ITA 486.5898573 2.780045867 JPN 526.9732502 2.471475318 KOR 525.933002 3.121394315
LVA 496.1263306 1.962766789 LTU 481.1911884 1.953282039 LUX 483.421485 1.097632409 MEX 408.8014734 2.493225544
NLD 519.2309824 2.632277885 NZL 494.489676 1.705942856 NOR 500.9637885 2.219044878 POL 515.6478747 2.602085176
PRT 492.4874062 2.684570081 SVK 486.1648542 2.555595707 SVN 508.8975441 1.363877596 ESP 481.3926126 1.462417763
SWE 502.3877022 2.654250935 CHE 515.3147131 2.908003898 TUR 453.5077774 2.260406789 GBR 501.7698992 2.564428111
USA 478.2447174 3.235444099""".split()  # noqa: SIM905  a table reads better
COUNTRIES = PISA[::3]


def _pisa(level: float) -> dict[str, ranks.RankSet]:
    means, errors = np.array(PISA[1::3], dtype=float), np.array(PISA[2::3], dtype=float)
    found = ranks.ranking_of_estimates(means, np.diag(errors**2), level, resamples=2000)
    return dict(zip(COUNTRIES, found.sets, strict=True))


def test_pisa_agrees_with_csranks() -> None:
    # csranks vignette: who may be among the true top 5 (its tau-best set holds one side only; here it comes out the same)
    best = {name for name, place in _pisa(0.95).items() if place.low <= 5}
    assert best == {"BEL", "CAN", "DNK", "EST", "FIN", "JPN", "KOR", "NLD", "POL", "SVN", "SWE", "CHE"}
    assert {name for name, place in _pisa(0.90).items() if place.low <= 5} == best - {"SWE"}


def test_pisa_sets_of_the_vignette() -> None:
    sets = _pisa(0.95)
    last = {"CHL", "MEX", "COL"}  # "do not overlap with the confidence sets of the other countries"
    assert min(sets[name].low for name in last) > max(
        place.high for name, place in sets.items() if name not in last
    )
    assert sets["DEU"].low <= 7 <= sets["KOR"].high  # "their confidence sets both contain rank 7"
    wider = _pisa(0.75)
    assert wider["KOR"].high < wider["DEU"].low  # "at lower levels Germany's and Korea's do not overlap"


def test_pisa_point_ranks_are_those_of_irank() -> None:
    means = np.array(PISA[1::3], dtype=float)
    points = ranks.ranking_of_estimates(means, np.eye(len(means)), resamples=100).points
    assert points[:12] == [24, 18, 10, 7, 35, 37, 17, 8, 3, 11, 20, 15]


def test_worked_example_one_ahead_two_tied() -> None:
    scores = np.zeros((200, 3))
    scores[:180, 0] = 1
    scores[:100, 1] = 1
    scores[:102, 2] = 1
    found = ranks.ranking(scores)
    assert found.sets == [(1, 1), (2, 3), (2, 3)]
    assert found.points == [1, 3, 2]
    assert found.letters == ["a", "b", "b"]
    assert ranks.rank_sets(scores) == found.sets
    assert ranks.tie_letters(scores) == found.letters
    assert ranks.point_ranks(scores) == found.points


def test_an_endpoint_that_never_ran_has_no_rank() -> None:
    scores = np.ones((100, 3))
    scores[:, 1] = np.nan
    scores[:60, 2] = 0
    found = ranks.ranking(scores)
    assert found.sets == [(1, 1), None, (2, 2)]
    assert (found.points, found.letters) == ([1, None, 2], ["a", None, "b"])
    assert ranks.rank_sets(np.empty((0, 2))) == [None, None]
    assert ranks.rank_sets([[1.0], [0.0]]) == [(1, 1)]


def test_missing_answers_compare_on_shared_items_only() -> None:
    scores = np.full((300, 3), np.nan)
    scores[:150, 0] = 1.0  # answered the easy half, all right
    scores[:150, 1] = 1.0
    scores[150:, 1] = 0.0  # answered both halves
    scores[150:, 2] = 1.0  # shares only the hard half with the second, nothing with the first
    found = ranks.ranking(scores)
    assert not found.beats[0, 1]  # equal on what they share, whatever the raw means say
    assert found.beats[2, 1]
    assert not found.beats[0, 2]
    assert not found.beats[2, 0]
    assert found.sets == [(1, 3), (2, 3), (1, 2)]


def test_little_evidence_tells_nothing_apart() -> None:
    few = np.array([[1.0, 0.0]] * 4)  # 4 of 4 discordant: exact McNemar p = 0.125
    assert ranks.rank_sets(few) == [(1, 2), (1, 2)]
    more = np.array([[1.0, 0.0]] * 12)
    assert ranks.rank_sets(more) == [(1, 1), (2, 2)]


def test_clusters_make_it_more_cautious() -> None:
    rng = np.random.default_rng(0)
    family = rng.choice([0, 1], (40, 2), p=[0.35, 0.65])
    family[:, 1] &= rng.choice([0, 1], 40, p=[0.2, 0.8])
    scores = np.repeat(family, 10, axis=0).astype(float)
    assert ranks.ranking(scores).beats[0, 1]
    assert not ranks.ranking(scores, clusters=np.repeat(np.arange(40), 10), level=0.999).beats.any()


@settings(deadline=None, max_examples=40)
@given(arrays(np.float64, (25, 5), elements=st.sampled_from([0.0, 0.5, 1.0, np.nan])))
def test_properties(scores: np.ndarray) -> None:
    found = ranks.ranking(scores, resamples=200)
    for column, (place, point, letter) in enumerate(
        zip(found.sets, found.points, found.letters, strict=True)
    ):
        if place is None:
            assert np.isnan(scores[:, column]).all()
            assert (point, letter) == (None, None)
        else:
            assert 1 <= place.low <= point <= place.high <= 5
            assert set(letter) <= set(string.ascii_lowercase)
    assert not (found.beats & found.beats.T).any()
    order = np.array([3, 1, 4, 0, 2])
    moved = ranks.ranking(scores[:, order], resamples=200)
    assert moved.points == [found.points[i] for i in order]
    assert ranks.ranking(scores, resamples=200).sets == found.sets  # same seed, same answer


@settings(deadline=None, max_examples=40)
@given(arrays(np.float64, (40, 5), elements=st.sampled_from([0.0, 1.0])))
def test_letters_say_exactly_who_is_told_apart(scores: np.ndarray) -> None:
    found = ranks.ranking(scores, resamples=200, level=0.6)
    for j in range(5):
        for k in range(5):
            apart = found.beats[j, k] or found.beats[k, j]
            assert bool(set(found.letters[j]) & set(found.letters[k])) != apart


def test_higher_level_never_narrows() -> None:
    scores = (np.random.default_rng(1).random((300, 8)) < np.linspace(0.4, 0.7, 8)).astype(float)
    for low, high in zip(ranks.rank_sets(scores, 0.8), ranks.rank_sets(scores, 0.99), strict=True):
        assert high.low <= low.low
        assert low.high <= high.high


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_no_false_order_among_equals_in_95_percent_of_boards(missing: float) -> None:
    rng, wrong, boards = np.random.default_rng(2), 0, 100
    for board in range(boards):
        chance = 1 / (1 + np.exp(-rng.normal(1, 1.5, (200, 1))))
        scores = (rng.random((200, 10)) < chance).astype(float)
        scores[rng.random(scores.shape) < missing] = np.nan
        wrong += ranks.ranking(scores, seed=board, resamples=400).beats.any()
    assert wrong / boards <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / boards)


def test_speed_of_twenty_endpoints_by_a_thousand_items_by_a_thousand_resamples() -> None:
    scores = (np.random.default_rng(3).random((1000, 20)) < np.linspace(0.4, 0.7, 20)).astype(float)
    ranks.ranking(scores)
    times = []
    for _ in range(5):
        start = time.process_time()
        ranks.ranking(scores, resamples=1000)
        times.append(time.process_time() - start)
    assert min(times) <= 0.15  # 0.02 s alone on the machine; CPU time of both cores counts here


def test_bad_arguments() -> None:
    with pytest.raises(BadArgument, match="one row an item"):
        ranks.rank_sets([1.0, 0.0])
    with pytest.raises(BadArgument, match="outside bounds"):
        ranks.rank_sets([[2.0, 1.0]])
    with pytest.raises(BadArgument, match=r"covariance has shape \(1, 1\) for 2 estimates"):
        ranks.ranking_of_estimates([1.0, 2.0], [[1.0]])
