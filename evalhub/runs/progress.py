"""How a run stands, for its live page: five small queries, whatever its size."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Now

from evalhub.runs.models import Answer, Cell, Intent, Run, RunStatus, Shard, ShardStatus
from evalhub.runs.models.answer import Outcome

RECENT = 300  # answers the current rate is taken over
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of answers, seconds, and money in nano units. None: nothing is known yet, or nothing moves.

    `eta_low_s` .. `eta_high_s`: from the rate lately and the rate overall, each with its 95 % Poisson interval.
    `in_flight` counts requests that are out or about to leave.
    """

    done: int
    expected: int
    failed: int
    quarantined: int
    cancelled: int
    rate_per_s: float | None
    eta_low_s: float | None
    eta_high_s: float | None
    spent: int
    forecast: int | None
    in_flight: int
    errors_by_class: Mapping[str, int]
    outcomes: Mapping[str, int]

    @property
    def settled(self) -> int:
        return self.done + self.failed + self.quarantined + self.cancelled

    @property
    def share(self) -> float:
        """Share of the run that is over, 0 to 1."""
        return self.settled / self.expected if self.expected else 0.0


def live_progress(run: Run) -> Progress:
    """The state of the run right now; its counters are read again."""
    run = Run.objects.annotate(now=ExpressionWrapper(Now(), DateTimeField())).get(pk=run.pk)
    low, high, rate = None, None, None
    if run.status == RunStatus.RUNNING:
        rate, low, high = _pace(run, run.now)  # type: ignore[attr-defined]  # annotated above
    return Progress(
        done=run.done,
        expected=run.expected,
        failed=run.failed,
        quarantined=run.quarantined,
        cancelled=run.cancelled,
        rate_per_s=rate,
        eta_low_s=low,
        eta_high_s=high,
        spent=run.spent_nano,
        forecast=round(run.spent_nano * run.expected / run.settled) if run.settled else None,
        in_flight=_in_flight(run),
        errors_by_class=_errors(run),
        outcomes=_outcomes(run),
    )


def _pace(run: Run, now: datetime) -> tuple[float | None, float | None, float | None]:
    """Answers a second lately, and the seconds left at best and at worst."""
    windows = []
    recent = list(
        Answer.objects.filter(run=run).order_by("-id").values_list("created_at", flat=True)[:RECENT]
    )
    if recent:
        windows.append((len(recent), (now - recent[-1]).total_seconds()))
    if run.started_at is not None and run.settled:
        windows.append((run.settled, (now - run.started_at).total_seconds()))
    windows = [(count, seconds) for count, seconds in windows if seconds > 0]
    if not windows:
        return None, None, None
    left = run.expected - run.settled
    slowest = min(_bounds(count)[0] / seconds for count, seconds in windows)
    fastest = max(_bounds(count)[1] / seconds for count, seconds in windows)
    count, seconds = windows[0]
    return count / seconds, left / fastest, left / slowest


def _bounds(count: int) -> tuple[float, float]:
    """95 % limits of a Poisson mean after `count` events, by the square-root approximation (Anscombe 1948)."""
    root = math.sqrt(count + 3 / 8)
    return max(0.25, root - _Z / 2) ** 2, (root + _Z / 2) ** 2


def _in_flight(run: Run) -> int:
    held = Shard.objects.filter(run=run, status=ShardStatus.OPEN, lease_until__gte=Now())
    return Intent.objects.filter(shard__in=held, fence=F("shard__fence"), is_settled=False).count()


def _errors(run: Run) -> dict[str, int]:
    failed = Answer.objects.filter(run=run, outcome__in=[Outcome.FAILED, Outcome.QUARANTINED])
    counts = failed.order_by().values_list("error_class").annotate(count=Count("id")).order_by("-count")
    return dict(counts)


def _outcomes(run: Run) -> dict[str, int]:
    cells = Cell.objects.filter(run=run, facet="all", metric__in=Outcome.values)
    return {
        metric: round(total)
        for metric, total in cells.order_by("-total").values_list("metric", "total")
        if total
    }
