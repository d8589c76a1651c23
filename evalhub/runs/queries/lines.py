"""Runs in a list, each with its score where it is finished."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evalhub import keyset
from evalhub.runs.cells import SCORE
from evalhub.runs.estimates import CellKey, Estimate, estimates
from evalhub.runs.models import Run, RunStatus

TONES = {
    RunStatus.QUEUED: "plain",
    RunStatus.RUNNING: "busy",
    RunStatus.PAUSED: "warn",
    RunStatus.FINISHED: "good",
    RunStatus.CANCELLED: "plain",
}


@dataclass(frozen=True, slots=True)
class RunLine:
    run: Run
    score: Estimate | None

    @property
    def tone(self) -> str:
        return TONES.get(RunStatus(self.run.status), "plain")

    @property
    def share_settled(self) -> float:
        """The part of the answers that is settled, 0..1; 0 for a run without items."""
        return self.run.settled / self.run.expected if self.run.expected else 0.0


def run_page(rows: Any, *, after: str | None, before: str | None) -> keyset.KeysetPage[RunLine]:
    """A page of runs, newest first. Two queries."""
    found = keyset.page(rows.with_names(), after=after, before=before, size=30, newest_first=True)
    return keyset.KeysetPage(tuple(with_scores(found.items)), found.previous, found.next)


def with_scores(runs: Iterable[Run]) -> list[RunLine]:
    """The same runs in their order, with their scores. One query."""
    runs = list(runs)
    scores = estimates([run.pk for run in runs], metrics=[SCORE]) if runs else {}
    return [RunLine(run, scores.get(CellKey(run.pk, SCORE))) for run in runs]
