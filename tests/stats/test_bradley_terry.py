"""Bradley-Terry against published fits, statsmodels' sandwich, and votes it cannot answer."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from evalhub.stats import bradley_terry
from evalhub.stats.arguments import BadArgument
from evalhub.stats.bradley_terry import NotComparable, Vote

GAMES = [("A", "B", 2), ("B", "A", 3), ("A", "D", 1), ("D", "A", 4)]
GAMES += [("B", "C", 5), ("C", "B", 3), ("C", "D", 1), ("D", "C", 3)]


def test_worked_example_of_wikipedia_and_arena_rank() -> None:
    # the 22 games that arena-rank's own test uses: strengths .640 1.043 .660 2.270 with geometric mean 1
    found = bradley_terry.fit(GAMES)
    strengths = dict(zip(found.names, np.exp(found.strengths), strict=True))
    assert strengths == pytest.approx({"A": 0.640, "B": 1.043, "C": 0.660, "D": 2.270}, abs=6e-4)
    assert found.strengths.sum() == pytest.approx(0.0, abs=1e-9)
    assert found.votes == 22


def test_citations_to_four_digits(shared_data: Path) -> None:
    published = json.loads((shared_data / "battles/citations_REFERENCE.json").read_text())["citations"]
    votes = []
    with (shared_data / "battles/citations_stigler.csv").open() as rows:
        for row in csv.DictReader(rows):
            votes.append((row["journal1"], row["journal2"], float(row["win1"])))
            votes.append((row["journal2"], row["journal1"], float(row["win2"])))
    found = bradley_terry.fit(votes)
    base = found.names.index("Biometrika")
    for name, (strength, error) in published.items():
        place, spread = found.names.index(name), found.model_covariance
        mine = np.sqrt(spread[place, place] + spread[base, base] - 2 * spread[place, base])
        assert round(found.difference(name, "Biometrika").estimate, 4) == strength
        assert round(float(mine), 4) == error


def test_sandwich_agrees_with_statsmodels_with_and_without_clusters() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 5, 400), rng.integers(0, 4, 400)
    second = second + (second >= first)
    outcome = np.where(rng.random(400) < 0.2, 0.5, rng.random(400) < 1 / (1 + np.exp(0.4 * (second - first))))
    votes = [_vote(int(a), int(b), float(y)) for a, b, y in zip(first, second, outcome, strict=True)]
    design = np.zeros((400, 5))
    design[np.arange(400), first] += 1
    design[np.arange(400), second] -= 1
    model = sm.GLM(outcome, design[:, 1:], family=sm.families.Binomial())
    voters = rng.integers(0, 30, 400)
    by_voter = {"cov_type": "cluster", "cov_kwds": {"groups": voters}}
    small = np.sqrt((400 - 1) / (400 - 4))  # statsmodels also corrects for 4 coefficients when clustering
    for kind, label, factor in (({"cov_type": "HC0"}, None, 1.0), (by_voter, voters, small)):
        oracle, found = model.fit(**kind), bradley_terry.fit(votes, clusters=label)
        for name in range(1, 5):
            mine = found.difference(name, 0)
            assert mine.estimate == pytest.approx(oracle.params[name - 1], abs=1e-7)
            assert mine.width / 2 / 1.959964 * factor == pytest.approx(oracle.bse[name - 1], rel=1e-5)


def _vote(a: int, b: int, outcome: float) -> Vote:
    if outcome == 0.5:
        return Vote(a, b, tied=True)
    return Vote(a, b) if outcome else Vote(b, a)


def test_a_tie_is_half_a_win_each() -> None:
    one = bradley_terry.fit([*GAMES, Vote("A", "C", 2.0, tied=True)])
    two = bradley_terry.fit([*GAMES, ("A", "C", 1.0), ("C", "A", 1.0)])
    assert one.strengths == pytest.approx(two.strengths)
    assert (
        one.difference("A", "C").width < two.difference("A", "C").width
    )  # a tie surprises less than two upsets


def test_difference_win_rate_and_ranking() -> None:
    votes = [("A", "B", 90), ("B", "A", 10), ("B", "C", 50), ("C", "B", 50)]
    found = bradley_terry.fit(votes)
    assert found.difference("A", "B").estimate == pytest.approx(np.log(9))
    assert found.win_rate("A", "B").estimate == pytest.approx(0.9)
    # for two that met 100 times the difference is a logit: SE = sqrt(1/90 + 1/10)
    assert found.difference("A", "B").width / 2 / 1.959964 == pytest.approx(
        np.sqrt(1 / 90 + 1 / 10), rel=1e-6
    )
    assert found.ranking().sets == [(1, 1), (2, 3), (2, 3)]
    assert found.ranking().letters == ["a", "b", "b"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_scores_equal_wins_at_the_maximum(pairs: list[tuple[int, int]]) -> None:
    votes = [(a, b) for a, b in pairs if a != b] + [
        (i, (i + 1) % 4) for i in range(4)
    ]  # a ring keeps it connected
    found = bradley_terry.fit(votes)
    strength = dict(zip(found.names, found.strengths, strict=True))
    for name in found.names:
        wins = sum(a == name for a, _ in votes)
        met = [b if a == name else a for a, b in votes if name in (a, b)]
        expected = sum(1 / (1 + np.exp(strength[other] - strength[name])) for other in met)
        assert expected == pytest.approx(wins, abs=1e-6)


def test_what_votes_cannot_tell() -> None:
    assert bradley_terry.fit([]) is None
    with pytest.raises(NotComparable, match="2 groups that never met: A, B; C, D"):
        bradley_terry.fit([("A", "B"), ("B", "A"), ("C", "D"), ("D", "C")])
    unbeaten = [*GAMES, ("E", "A", 5)]
    with pytest.raises(NotComparable, match="won or lost every vote.*prior=0.5"):
        bradley_terry.fit(unbeaten)
    found = bradley_terry.fit(unbeaten, prior=0.5)
    assert found.ranking().points[found.names.index("E")] == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bradley_terry.fit([("A", "A")]), "against itself"),
        (lambda: bradley_terry.fit([("A", "B", 0.0)]), "weight 0.0"),
        (lambda: bradley_terry.fit(GAMES).difference("A", "Z"), "'Z' has no votes"),
    ],
)
def test_bad_arguments(call: object, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        call()  # type: ignore[operator]


def test_coverage_of_differences_by_simulation() -> None:
    rng, truth, held, runs = np.random.default_rng(1), np.array([0.0, 0.3, 0.8]), 0, 200
    for _ in range(runs):
        votes = []
        for a, b in ((0, 1), (1, 2), (0, 2)):
            wins = rng.binomial(60, 1 / (1 + np.exp(truth[b] - truth[a])))
            votes += [(a, b, max(wins, 0.5)), (b, a, max(60 - wins, 0.5))]
        held += (truth[2] - truth[0]) in bradley_terry.fit(votes).difference(2, 0)
    assert held / runs == pytest.approx(0.95, abs=0.04)
