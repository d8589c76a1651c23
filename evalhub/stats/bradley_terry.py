"""Strengths from pairwise votes, with a sandwich covariance and intervals of differences (a level alone means nothing).

P(i beats j) = 1 / (1 + exp(s_j - s_i)); strengths are log-odds that sum to 0. A tie is half a win each.
Sources: Bradley & Terry, Biometrika 1952; sandwich: Chiang et al., Chatbot Arena, arXiv 2403.04132;
existence: Ford 1957. Oracles: BradleyTerry2 (citations), statsmodels GLM with HC0 covariance.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.sparse.csgraph import connected_components
from scipy.special import expit

from evalhub.stats.arguments import BadArgument, FloatArray, IntArray, Labels, codes, require_level
from evalhub.stats.interval import Interval
from evalhub.stats.ranks import Ranking, ranking_of_estimates

_STEPS = 100


class Vote(NamedTuple):
    """`weight` identical votes that `winner` beat `loser`; with `tied`, that neither did."""

    winner: Hashable
    loser: Hashable
    weight: float = 1.0
    tied: bool = False


class NotComparable(ValueError):
    """The votes do not determine every difference; the message names the groups and the cure."""


@dataclass(frozen=True, slots=True)
class Fit:
    """names: in order of first appearance. strengths: log-odds, shape (p,), sum 0. covariance: sandwich, (p, p).

    model_covariance: inverse information, right only if the model is; what BradleyTerry2 prints. votes: total
    weight.
    """

    names: tuple[Hashable, ...]
    strengths: FloatArray
    covariance: FloatArray
    model_covariance: FloatArray
    votes: float

    def difference(self, first: Hashable, second: Hashable, level: float = 0.95) -> Interval:
        """strength of `first` minus that of `second`, in log-odds."""
        require_level(level)
        j, k = self._place(first), self._place(second)
        gap = float(self.strengths[j] - self.strengths[k])
        spread = self.covariance[j, j] + self.covariance[k, k] - 2.0 * self.covariance[j, k]
        half = float(stats.norm.isf((1.0 - level) / 2.0) * np.sqrt(max(spread, 0.0)))
        return Interval(gap - half, gap + half, "sandwich", level, gap, round(self.votes))

    def win_rate(self, first: Hashable, second: Hashable, level: float = 0.95) -> Interval:
        """The chance that `first` beats `second` (ties count half), from the interval of the difference."""
        found = self.difference(first, second, level)
        low, high, middle = (float(expit(value)) for value in (found.low, found.high, found.estimate))
        return Interval(low, high, "sandwich", level, middle, found.n)

    def ranking(self, level: float = 0.95, seed: int = 0) -> Ranking:
        """Rank sets, point ranks and tie letters, in the order of `names`."""
        return ranking_of_estimates(self.strengths, self.covariance, level, seed)

    def _place(self, name: Hashable) -> int:
        try:
            return self.names.index(name)
        except ValueError:
            raise BadArgument(
                f"{name!r} has no votes; the names are {', '.join(map(repr, self.names))}."
            ) from None


@dataclass(frozen=True, slots=True)
class _Ballots:
    """One entry a vote row: places of the two, the outcome (1, or 1/2 for a tie) and the weight."""

    first: IntArray
    second: IntArray
    outcome: FloatArray
    weight: FloatArray
    names: tuple[Hashable, ...]


def fit(
    votes: Iterable[Vote | tuple[Hashable, Hashable] | tuple[Hashable, Hashable, float]],
    *,
    clusters: Labels | None = None,
    prior: float = 0.0,
) -> Fit | None:
    """Maximum likelihood strengths; None for no votes.

    votes: rows (winner, loser, weight = 1) or Vote(winner, loser, weight, tied). A tie may also be given as
    two rows of half the weight, one each way; strengths are the same, but a tied Vote has the right
    covariance. clusters: one label a row (the voter, the prompt): votes of one cluster may depend on each
    other. prior: weight of a tie added between every pair that met, for an endpoint that won or lost
    everything. Raises NotComparable where some differences cannot be known.
    """
    ballots = _read(votes)
    if ballots.weight.size == 0:
        return None
    wins = _wins(ballots)
    _require_connected(wins, ballots.names, prior)
    met = (wins + wins.T) > 0
    strengths = _maximise(wins + prior / 2.0 * met)
    bread = _pseudo_inverse(_information(strengths, wins + prior / 2.0 * met))
    meat = _meat(strengths, ballots, clusters)
    return Fit(ballots.names, strengths, bread @ meat @ bread, bread, float(ballots.weight.sum()))


def _read(votes: Iterable[tuple[Hashable, ...]]) -> _Ballots:
    rows = [Vote(*row) for row in votes]  # type: ignore[arg-type]  # a plain tuple has the same order
    places: dict[Hashable, int] = {}
    for row in rows:
        if row.winner == row.loser:
            raise BadArgument(f"a vote pits {row.winner!r} against itself; drop it.")
        if not 0.0 < row.weight < np.inf:
            raise BadArgument(
                f"the vote {tuple(row)!r} has weight {row.weight!r}; give a finite weight above 0."
            )
        places.setdefault(row.winner, len(places))
        places.setdefault(row.loser, len(places))
    return _Ballots(
        np.array([places[row.winner] for row in rows], dtype=np.int64),
        np.array([places[row.loser] for row in rows], dtype=np.int64),
        np.array([0.5 if row.tied else 1.0 for row in rows]),
        np.array([row.weight for row in rows], dtype=np.float64),
        tuple(places),
    )


def _wins(ballots: _Ballots) -> FloatArray:
    """wins[i, j]: weight of i over j, ties half each."""
    wins = np.zeros((len(ballots.names), len(ballots.names)))
    np.add.at(wins, (ballots.first, ballots.second), ballots.weight * ballots.outcome)
    np.add.at(wins, (ballots.second, ballots.first), ballots.weight * (1.0 - ballots.outcome))
    return wins


def _require_connected(wins: FloatArray, names: tuple[Hashable, ...], prior: float) -> None:
    count, group = connected_components(wins > 0, directed=True, connection="weak")
    if count > 1:
        raise NotComparable(
            f"the endpoints fall into {count} groups that never met: {_spell(names, group, count)}. "
            "Gather votes between them, or fit each group by itself."
        )
    count, group = connected_components(wins > 0, directed=True, connection="strong")
    if count > 1 and prior <= 0.0:
        raise NotComparable(
            f"some endpoints won or lost every vote against the rest: {_spell(names, group, count)}. "
            "Gather more votes, or pass prior=0.5 to add half a tie between every pair that met."
        )


def _spell(names: tuple[Hashable, ...], group: IntArray, count: int) -> str:
    return "; ".join(", ".join(str(names[i]) for i in np.flatnonzero(group == g)) for g in range(count))


def _maximise(wins: FloatArray) -> FloatArray:
    """Newton's method with step halving; the likelihood is concave, so the maximum is the only one."""
    strengths = np.zeros(len(wins))
    best = _log_likelihood(strengths, wins)
    for _ in range(_STEPS):
        chance = expit(strengths[:, None] - strengths[None, :])
        gradient = (wins - (wins + wins.T) * chance).sum(axis=1)
        if np.abs(gradient).max() < 1e-10 * max(1.0, wins.sum()):
            return strengths
        step = _pseudo_inverse(_information(strengths, wins)) @ gradient
        while (value := _log_likelihood(strengths + step, wins)) < best and np.abs(step).max() > 1e-12:
            step = step / 2.0
        strengths, best = strengths + step, value
    return strengths


def _log_likelihood(strengths: FloatArray, wins: FloatArray) -> float:
    return -float(np.sum(wins * np.logaddexp(0.0, strengths[None, :] - strengths[:, None])))


def _information(strengths: FloatArray, wins: FloatArray) -> FloatArray:
    chance = expit(strengths[:, None] - strengths[None, :])
    weight = (wins + wins.T) * chance * chance.T
    return np.asarray(np.diag(weight.sum(axis=1)) - weight)


def _pseudo_inverse(information: FloatArray) -> FloatArray:
    """Inverse on the space of strengths that sum to 0."""
    level = np.full(information.shape, 1.0 / len(information))
    return np.asarray(np.linalg.inv(information + level) - level)


def _meat(strengths: FloatArray, ballots: _Ballots, clusters: Labels | None) -> FloatArray:
    p = strengths.size
    surprise = ballots.outcome - expit(strengths[ballots.first] - strengths[ballots.second])
    if clusters is None:
        # weight w stands for w separate votes, each with its own surprise
        each = np.zeros((p, p))
        np.add.at(each, (ballots.first, ballots.second), ballots.weight * surprise**2)
        each = each + each.T
        return np.asarray(np.diag(each.sum(axis=1)) - each)
    label = codes(clusters, ballots.weight.size)
    count = int(label.max()) + 1
    pull = np.zeros((count, p))
    np.add.at(pull, (label, ballots.first), ballots.weight * surprise)
    np.add.at(pull, (label, ballots.second), -ballots.weight * surprise)
    return np.asarray(count / max(count - 1, 1) * pull.T @ pull)
