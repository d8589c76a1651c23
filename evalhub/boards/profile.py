"""An endpoint's profile: where it is better or worse than the others on the same items, with the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Max

from evalhub.boards.comparison import Compared, PairCut, by_topic, by_track, cut_names, read_cuts
from evalhub.boards.matrix import FloatArray, ScoreMatrix, score_matrix
from evalhub.endpoints.models import Endpoint
from evalhub.runs.cells import SCORE
from evalhub.runs.estimates import CellKey, Estimate, Estimates, estimates_of
from evalhub.runs.models import Cell, Run
from evalhub.runs.queries import RunLine, with_scores

MOST_PEERS = 20
MOST_HISTORY = 20


@dataclass(frozen=True, slots=True)
class ProfileCut:
    """A track or topic: the endpoint's own score, and its paired difference from the mean of its peers.

    `against` is None where no peer answered these items.
    """

    code: str
    name: str
    own: Estimate | None
    against: PairCut | None

    @property
    def is_strength(self) -> bool:
        return self.against is not None and self.against.is_shown and self.against.found.diff > 0

    @property
    def is_weakness(self) -> bool:
        return self.against is not None and self.against.is_shown and self.against.found.diff < 0


@dataclass(frozen=True, slots=True)
class Profile:
    """`run`: what it is read from; `peers`: how many other endpoints it is held against; `history`: newest first."""

    run: Run
    score: Estimate | None
    peers: int
    tracks: tuple[ProfileCut, ...]
    topics: tuple[ProfileCut, ...]
    history: tuple[RunLine, ...]

    @property
    def strengths(self) -> list[ProfileCut]:
        """Tracks, then topics, the largest lead first."""
        return [cut for cuts in (self.tracks, self.topics) for cut in _by_size(cuts) if cut.is_strength]

    @property
    def weaknesses(self) -> list[ProfileCut]:
        """Tracks, then topics, the largest gap first."""
        return [cut for cuts in (self.tracks, self.topics) for cut in _by_size(cuts) if cut.is_weakness]

    @property
    def cost_per_1000_nano(self) -> int | None:
        """Of this run, in nano units of its currency; None where nothing was answered."""
        return round(self.run.spent_nano / self.run.done * 1000) if self.run.done else None


def profile(endpoint: Endpoint, user: Any, run_id: int | None = None) -> Profile | None:
    """The profile by the endpoint's newest finished run, or by this one; None without a run this person may see.

    Eight queries, whatever the number of peers.
    """
    visible = Run.objects.visible_to(user).finished()
    history = with_scores(visible.filter(endpoint=endpoint).with_names().order_by("-pk")[:MOST_HISTORY])
    runs = [line.run for line in history if run_id is None or line.run.pk == run_id]
    if not runs:
        return None
    run = runs[0]
    newest = visible.filter(suite_version=run.suite_version_id).exclude(endpoint=endpoint)
    peers = list(
        newest.values("endpoint").annotate(last=Max("pk")).order_by("-last").values_list("last", flat=True)
    )
    peers = peers[:MOST_PEERS]
    compared = _against_mean(run, peers)
    names = cut_names(compared)
    own = estimates_of(Cell.objects.filter(run=run, metric=SCORE, facet__in=["all", "track", "topic"]))
    return Profile(
        run=run,
        score=own.get(CellKey(run.pk, SCORE)),
        peers=len(peers),
        tracks=_cuts("track", run, own, names.tracks, by_track(compared, 0, 1, names.tracks)),
        topics=_cuts("topic", run, own, names.topics, by_topic(compared, 0, 1, names.topics)),
        history=tuple(history),
    )


def _against_mean(run: Run, peers: Sequence[int]) -> Compared:
    """Column 0: the run; column 1: the mean of its peers, item by item, over those that answered."""
    matrix = score_matrix(run.suite_version_id, [run.pk, *peers])
    cuts = read_cuts(run.suite_version_id)
    scores = np.column_stack([matrix.scores[:, 0], _mean(matrix.scores[:, 1:])])
    return Compared(
        runs=(run,),
        matrix=ScoreMatrix(matrix.item_ids, matrix.clusters, scores),
        tracks=cuts.tracks,
        topics=cuts.topics,
    )


def _mean(scores: FloatArray) -> FloatArray:
    present = ~np.isnan(scores)
    count = present.sum(axis=1)
    total = np.where(present, scores, 0.0).sum(axis=1)
    mean: FloatArray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def _cuts(
    facet: str, run: Run, own: Estimates, names: dict[str, str], found: Sequence[PairCut]
) -> tuple[ProfileCut, ...]:
    against = {cut.code: cut for cut in found}
    return tuple(
        ProfileCut(code, name, own.get(CellKey(run.pk, SCORE, facet, code)), against.get(code))
        for code, name in names.items()
    )


def _by_size(cuts: Sequence[ProfileCut]) -> list[ProfileCut]:
    return sorted(cuts, key=lambda cut: -abs(cut.against.found.diff) if cut.against else 0.0)
