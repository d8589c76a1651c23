"""Ranks as sets: which places an endpoint may hold, for all endpoints together with probability `level`.

An endpoint beats another when the studentised paired difference on the items both answered exceeds a critical
value that holds for every pair at once. The rank set of j is [1 + those that beat j, p - those that j beats].

Source: Mogstad, Romano, Shaikh & Wilhelm, "Inference for ranks", Review of Economic Studies 2023,
doi 10.1093/restud/rdad006: bootstrap of the maximum, step-down over ordered pairs. Oracle: figures of R's
csranks. Ours on top, and only ever more cautious: two pseudo-items in each pair's standard error, Student's
tail for few items, and no pair of 0/1 scores is called on evidence that exact McNemar would not call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evalhub.stats.arguments import (
    BadArgument,
    BoolArray,
    FloatArray,
    IntArray,
    Labels,
    codes,
    matrix,
    require_bounds,
    require_count,
    require_level,
    vector,
)
from evalhub.stats.letters import letters
from evalhub.stats.paired_resampling import PairTable, pair_table


class RankSet(NamedTuple):
    """Best and worst rank an endpoint may hold, 1 = best."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Everything a board shows about order. Lists run over endpoints in the order given.

    sets, points, letters: None for an endpoint that answered nothing. points: 1 + the endpoints with a higher
    mean on shared items. letters: endpoints that share a letter are not told apart. beats[j, k]: j is better
    than k, with the error over all pairs held. critical: the critical value of the last step.
    """

    sets: list[RankSet | None]
    points: list[int | None]
    letters: list[str | None]
    beats: BoolArray
    critical: float
    level: float


def ranking(
    scores: ArrayLike,
    level: float = 0.95,
    seed: int = 0,
    *,
    clusters: Labels | None = None,
    resamples: int = 1000,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> Ranking:
    """Rank sets, point ranks and tie letters of endpoints.

    scores: shape (items, endpoints), higher is better, within `bounds`, NaN = not answered. Each pair is
    compared on the items both answered; a pair without any is never told apart. clusters: one label an item,
    heeded where any repeats.
    """
    require_level(level)
    require_count(resamples, "resamples", least=100)
    cells = matrix(scores, "scores", "one row an item and one column an endpoint")
    require_bounds(cells[~np.isnan(cells)], bounds)
    cells = (cells - bounds[0]) / (bounds[1] - bounds[0])
    label = None if clusters is None else codes(clusters, len(cells))
    answered = ~np.isnan(cells).all(axis=0) if len(cells) else np.zeros(cells.shape[1], dtype=bool)
    kept = np.flatnonzero(answered)
    table = pair_table(cells[:, kept], label, resamples, seed)
    beats, critical = _step_down(table, level)
    return _assemble(beats, table.difference, critical, level, kept, cells.shape[1])


def rank_sets(
    scores: ArrayLike,
    level: float = 0.95,
    seed: int = 0,
    *,
    clusters: Labels | None = None,
    resamples: int = 1000,
) -> list[RankSet | None]:
    """(low, high) per endpoint, all true ranks covered together with probability `level`; see `ranking`.

    scores: shape (items, endpoints) in [0, 1], NaN = not answered. None for an endpoint that answered
    nothing.
    """
    return ranking(scores, level, seed, clusters=clusters, resamples=resamples).sets


def point_ranks(scores: ArrayLike) -> list[int | None]:
    """1 + the number of endpoints that are ahead on the items shared with them; ties share the better rank."""
    cells = matrix(scores, "scores", "one row an item and one column an endpoint")
    kept = np.flatnonzero(~np.isnan(cells).all(axis=0)) if len(cells) else np.array([], dtype=np.int64)
    present = ~np.isnan(cells[:, kept])
    filled, mask = np.where(present, cells[:, kept], 0.0), present.astype(np.float64)
    shared, total = mask.T @ mask, filled.T @ mask
    gaps = (total - total.T) / np.maximum(shared, 1.0)
    places: list[int | None] = [None] * cells.shape[1]
    for position, endpoint in enumerate(kept):
        places[endpoint] = 1 + int(np.sum(gaps[:, position] > 1e-12))
    return places


def tie_letters(scores: ArrayLike, level: float = 0.95, seed: int = 0) -> list[str | None]:
    """A compact letter display: endpoints that share a letter are not told apart at `level`; see `ranking`."""
    return ranking(scores, level, seed).letters


def ranking_of_estimates(
    estimates: ArrayLike, covariance: ArrayLike, level: float = 0.95, seed: int = 0, *, resamples: int = 1000
) -> Ranking:
    """The same for estimates with a covariance, such as Bradley-Terry strengths, higher is better.

    estimates: shape (p,); covariance: shape (p, p). The bootstrap is then parametric (normal), as in R's
    csranks.
    """
    require_level(level)
    values = vector(estimates, "estimates")
    spread = matrix(covariance, "covariance", "a square matrix, one row an estimate")
    if spread.shape != (values.size, values.size):
        raise BadArgument(
            f"covariance has shape {spread.shape} for {values.size} estimates; give a square one."
        )
    first, second = np.triu_indices(values.size, k=1)
    error = np.sqrt(
        np.maximum(spread[first, first] + spread[second, second] - 2 * spread[first, second], 0.0)
    )
    generator = np.random.default_rng(seed)
    draws = generator.multivariate_normal(np.zeros(values.size), spread, size=resamples, method="eigh")
    safe = np.where(error > 0.0, error, np.inf)
    gaps = values[first] - values[second]
    table = PairTable(
        values.size,
        first,
        second,
        gaps,
        gaps / safe,
        ((draws[:, first] - draws[:, second]) / safe).astype(np.float32),
    )
    beats, critical = _step_down(table, level)
    return _assemble(beats, table.difference, critical, level, np.arange(values.size), values.size)


def _step_down(table: PairTable, level: float) -> tuple[BoolArray, float]:
    """Reject ordered pairs, recompute the critical value over those left, until nothing more is rejected."""
    p = table.endpoints
    beats = np.zeros((p, p), dtype=bool)
    if not table.first.size:
        return beats, float(stats.norm.isf((1.0 - level) / 2.0))
    # sparse pairs resample to nothing; the critical value is never below that of a single test
    floor = float(stats.norm.isf((1.0 - level) / 2.0))
    upward, downward = np.ones(table.first.size, dtype=bool), np.ones(table.first.size, dtype=bool)
    while True:
        highest = np.concatenate([table.draws[:, upward], -table.draws[:, downward]], axis=1).max(axis=1)
        critical = max(floor, float(np.quantile(highest, level, method="higher")))
        won, lost = upward & (table.statistic > critical), downward & (-table.statistic > critical)
        beats[table.first[won], table.second[won]] = True
        beats[table.second[lost], table.first[lost]] = True
        upward, downward = upward & ~won, downward & ~lost
        if not (won.any() or lost.any()) or not (upward.any() or downward.any()):
            return beats, critical
        floor = float(stats.norm.isf(1.0 - level))


def _assemble(
    beats: BoolArray, difference: FloatArray, critical: float, level: float, kept: IntArray, endpoints: int
) -> Ranking:
    """Back to the caller's endpoints, of which only `kept` have answers."""
    p = kept.size
    first, second = np.triu_indices(p, k=1)
    ahead = np.zeros((p, p), dtype=bool)
    ahead[first, second], ahead[second, first] = difference > 1e-12, difference < -1e-12
    places = 1 + ahead.sum(axis=0)
    shown = letters(beats, np.lexsort((beats.sum(axis=0), places)))
    sets: list[RankSet | None] = [None] * endpoints
    points: list[int | None] = [None] * endpoints
    marks: list[str | None] = [None] * endpoints
    whole = np.zeros((endpoints, endpoints), dtype=bool)
    whole[np.ix_(kept, kept)] = beats
    for position, endpoint in enumerate(kept):
        sets[endpoint] = RankSet(1 + int(beats[:, position].sum()), p - int(beats[position].sum()))
        points[endpoint] = int(places[position])
        marks[endpoint] = shown[position]
    return Ranking(sets, points, marks, whole, critical, level)
