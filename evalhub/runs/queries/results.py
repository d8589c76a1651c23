"""A run's numbers from its cells: counts while it goes on, estimates once it is finished."""

from collections.abc import Iterable
from dataclasses import dataclass

from evalhub.runs.cells import SCORE
from evalhub.runs.estimates import CellKey, Estimate, Estimates, estimates_of
from evalhub.runs.models import Cell, Run
from evalhub.runs.models.answer import Outcome
from questions.bank.models import Topic

TONES = {
    Outcome.CORRECT: "good",
    Outcome.PARTLY: "good",
    Outcome.WRONG: "bad",
    Outcome.UNGRADED: "plain",
}


def tone(outcome: str) -> str:
    """How an outcome is coloured: what is no answer at all is a warning, not a fault of knowledge."""
    return TONES.get(Outcome(outcome), "warn") if outcome in Outcome.values else "plain"


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many answers came out so; `share` of those so far is a count, `estimate` exists once the run is finished."""

    outcome: Outcome
    count: int
    share: float
    estimate: Estimate | None

    @property
    def tone(self) -> str:
        return tone(self.outcome)


@dataclass(frozen=True, slots=True)
class Cut:
    """The score on one part of the items: a track, a language."""

    code: str
    name: str
    estimate: Estimate
    chance: float | None


@dataclass(frozen=True, slots=True)
class RunResults:
    score: Estimate | None
    chance: float | None
    outcomes: tuple[OutcomeCount, ...]
    tracks: tuple[Cut, ...]
    languages: tuple[Cut, ...]


def run_results(run: Run) -> RunResults:
    """Everything a run's page shows of its numbers. Two queries."""
    cells = list(Cell.objects.filter(run=run, facet__in=["all", "track", "language"]))
    found = estimates_of(cells)
    chances = {
        CellKey(run.pk, c.metric, c.facet, c.value): c.chance / c.n
        for c in cells
        if c.n and c.metric == SCORE
    }
    counts = {
        cell.metric: round(cell.total)
        for cell in cells
        if cell.facet == "all" and cell.metric in Outcome.values
    }
    codes = sorted({cell.value for cell in cells if cell.facet == "track"})
    whole = CellKey(run.pk, SCORE)
    return RunResults(
        score=found.get(whole),
        chance=chances.get(whole),
        outcomes=_outcomes(run.pk, counts, found),
        tracks=_cuts(run.pk, "track", track_names(codes).items(), found, chances),
        languages=_cuts(run.pk, "language", sorted(_LANGUAGES.items()), found, chances),
    )


_LANGUAGES = {"en": "English", "zh-Hans": "中文"}


def track_names(codes: Iterable[str]) -> dict[str, str]:
    """Names of tracks in the taxonomy's order; a code that it does not know names itself. One query."""
    codes = list(codes)
    topics = Topic.objects.filter(track__in=codes).order_by("position") if codes else []
    names = {topic.track: topic.track_name for topic in topics}
    return {**names, **{code: code for code in sorted(codes) if code not in names}}


def _outcomes(run_id: int, counts: dict[str, int], found: Estimates) -> tuple[OutcomeCount, ...]:
    total = sum(counts.values())
    return tuple(
        OutcomeCount(outcome, counts[outcome], counts[outcome] / total, found.get(CellKey(run_id, outcome)))
        for outcome in Outcome
        if counts.get(outcome)
    )


def _cuts(
    run_id: int, facet: str, names: Iterable[tuple[str, str]], found: Estimates, chances: dict[CellKey, float]
) -> tuple[Cut, ...]:
    keys = [(CellKey(run_id, SCORE, facet, code), code, name) for code, name in names]
    return tuple(Cut(code, name, found[key], chances.get(key)) for key, code, name in keys if key in found)
