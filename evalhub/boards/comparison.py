"""Two or more finished runs of one suite version on the items they share: paired, never side by side by their means.

`load` reads everything in four queries; the rest are numbers over what it read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from evalhub.boards.matrix import ScoreMatrix, score_matrix
from evalhub.errors import Invalid, NotReady
from evalhub.runs.models import Run, RunStatus
from evalhub.stats.multiple import benjamini_hochberg, holm
from evalhub.stats.paired_planning import PairedSpread, items_for_variance, spread
from evalhub.stats.pairs import Flips, PairedDifference, flips, paired_difference
from evalhub.suites.models import Item
from questions.bank.models import Topic

ALPHA = 0.05
POWER = 0.8
MOST_RUNS = 8
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Compared:
    """Runs of one suite version and their scores; `tracks` and `topics`: one code an item, in the matrix's order."""

    runs: tuple[Run, ...]
    matrix: ScoreMatrix
    tracks: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Shared items for 80 % power if the true difference is the one seen; None where nothing can be said of it."""

    items: int | None
    design_effect: float | None

    @property
    def is_clustered(self) -> bool:
        return self.design_effect is not None and self.design_effect > 1.0


@dataclass(frozen=True, slots=True)
class Pair:
    """First minus second. `p` is adjusted by Holm over all pairs shown; None, like `found`, where no item is shared."""

    first: Run
    second: Run
    first_name: str
    second_name: str
    found: PairedDifference | None
    p: float | None
    need: Need

    @property
    def key(self) -> str:
        return f"{self.first.pk}-{self.second.pk}"

    @property
    def ahead(self) -> str:
        """The name of the run that is shown to be better at 5 %, all pairs together; empty where none is."""
        if self.found is None or self.p is None or self.p > ALPHA:
            return ""
        return self.first_name if self.found.diff > 0 else self.second_name


@dataclass(frozen=True, slots=True)
class PairCut:
    """A pair on one track or topic; `p` is adjusted over the cuts of its table."""

    code: str
    name: str
    found: PairedDifference
    p: float

    @property
    def is_shown(self) -> bool:
        return self.p <= ALPHA


@dataclass(frozen=True, slots=True)
class ItemCuts:
    """One code an item; empty where an item has none."""

    tracks: tuple[str, ...]
    topics: tuple[str, ...]


def load(runs: Sequence[Run]) -> Compared:
    """The scores of these runs (three queries). Raises Invalid or NotReady where they cannot be compared."""
    require_comparable(runs)
    version_id = runs[0].suite_version_id
    cuts = read_cuts(version_id)
    return Compared(tuple(runs), score_matrix(version_id, [run.pk for run in runs]), cuts.tracks, cuts.topics)


def read_cuts(suite_version_id: int) -> ItemCuts:
    """The track and the topic of every item, in the matrix's order. One query."""
    items = Item.objects.filter(version_id=suite_version_id).order_by("position")
    rows = list(items.values_list("track", "topic"))
    return ItemCuts(tuple(track for track, _topic in rows), tuple(topic for _track, topic in rows))


def require_comparable(runs: Sequence[Run]) -> None:
    """Two to eight different finished runs of the same suite version."""
    if not 2 <= len(runs) <= MOST_RUNS:
        raise Invalid(
            _("%(n)d runs were given; compare 2 to %(most)d.") % {"n": len(runs), "most": MOST_RUNS},
            field="run",
        )
    if unfinished := [run.pk for run in runs if run.status != RunStatus.FINISHED]:
        raise NotReady(
            _("Run %(id)d is not finished; compare it when it is. Looking earlier would decide by luck.")
            % {"id": unfinished[0]}
        )
    if strange := [run.pk for run in runs if run.suite_version_id != runs[0].suite_version_id]:
        raise Invalid(
            _("Run %(id)d is of another suite version; choose runs that were asked the same items.")
            % {"id": strange[0]},
            field="run",
        )


def pairs(compared: Compared) -> list[Pair]:
    """Every pair of the runs, in their order, with Holm's adjustment over all pairs that share items."""
    places = list(combinations(range(len(compared.runs)), 2))
    found = [difference(compared, first, second) for first, second in places]
    adjusted = _adjusted(found, holm)
    runs, names = compared.runs, run_names(compared.runs)
    return [
        Pair(runs[i], runs[j], names[i], names[j], pair, p, _need(compared, i, j))
        for (i, j), pair, p in zip(places, found, adjusted, strict=True)
    ]


def run_names(runs: Sequence[Run]) -> list[str]:
    """Each run by its endpoint's name, with its own number where two are of one endpoint."""
    names = [run.endpoint.name for run in runs]
    return [
        name if names.count(name) == 1 else f"{name} #{run.pk}" for name, run in zip(names, runs, strict=True)
    ]


def difference(
    compared: Compared, first: int, second: int, where: BoolArray | None = None
) -> PairedDifference | None:
    """Column `first` minus column `second` on the items of `where` (all of them if not given)."""
    kept = np.ones(len(compared.tracks), dtype=np.bool_) if where is None else where
    scores = compared.matrix.scores[kept]
    clusters = [label for label, keep in zip(compared.matrix.clusters, kept.tolist(), strict=True) if keep]
    return paired_difference(scores[:, first], scores[:, second], clusters)


def by_track(compared: Compared, first: int, second: int, names: dict[str, str]) -> list[PairCut]:
    """The pair on every track, adjusted by Holm over the tracks."""
    return _cuts(compared, first, second, compared.tracks, names, holm)


def by_topic(compared: Compared, first: int, second: int, names: dict[str, str]) -> list[PairCut]:
    """The pair on every topic, adjusted by Benjamini-Hochberg: many topics, a screening, no proof."""
    return _cuts(compared, first, second, compared.topics, names, benjamini_hochberg)


def flipped(compared: Compared, first: int, second: int, track: str = "") -> Flips:
    """Item ids that only one run has right (a mean score of at least 1/2): `gained` by the first, `lost` to the second."""
    found = flips(compared.matrix.scores[:, first], compared.matrix.scores[:, second])
    ids = compared.matrix.item_ids

    def named(places: Iterable[int]) -> tuple[int, ...]:
        return tuple(ids[place] for place in places if not track or compared.tracks[place] == track)

    return Flips(named(found.gained), named(found.lost))


@dataclass(frozen=True, slots=True)
class CutNames:
    tracks: dict[str, str]
    topics: dict[str, str]


def cut_names(compared: Compared) -> CutNames:
    """Names of the tracks and topics met, in the taxonomy's order; an unknown code names itself. One query."""
    met = {code for code in compared.topics if code}
    tracks = {code for code in compared.tracks if code}
    rows = list(Topic.objects.filter(track__in=tracks).order_by("position"))
    topic_names = {row.code: row.name for row in rows if row.code in met}
    track_names = {row.track: row.track_name for row in rows}
    return CutNames(
        {**track_names, **{code: code for code in sorted(tracks) if code not in track_names}},
        {**topic_names, **{code: code for code in sorted(met) if code not in topic_names}},
    )


def _cuts(
    compared: Compared,
    first: int,
    second: int,
    codes: Sequence[str],
    names: dict[str, str],
    adjust: Callable[[list[float]], npt.NDArray[np.float64]],
) -> list[PairCut]:
    column = np.array(codes, dtype=object)
    found = [
        difference(compared, first, second, np.asarray(column == code, dtype=np.bool_)) for code in names
    ]
    adjusted = _adjusted(found, adjust)
    return [
        PairCut(code, name, pair, p)
        for (code, name), pair, p in zip(names.items(), found, adjusted, strict=True)
        if pair is not None and p is not None
    ]


def _adjusted(
    found: Sequence[PairedDifference | None], adjust: Callable[[list[float]], npt.NDArray[np.float64]]
) -> list[float | None]:
    """Adjusted p-values in their places; what shares no item was not tested and is not counted."""
    values = adjust([pair.p for pair in found if pair is not None]).tolist() if any(found) else []
    rest = iter(values)
    return [None if pair is None else next(rest) for pair in found]


def _need(compared: Compared, first: int, second: int) -> Need:
    scores = compared.matrix.scores
    return need_of(spread(scores[:, first] - scores[:, second], compared.matrix.clusters))


def need_of(found: PairedSpread | None) -> Need:
    """What it would take to show the difference seen. No items, no difference or one cluster: nothing can be said."""
    if found is None or found.difference == 0.0 or found.effective_variance is None:
        return Need(None, None if found is None else found.design_effect)
    return Need(items_for_variance(found.difference, found.effective_variance, POWER), found.design_effect)
