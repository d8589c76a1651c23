"""What people do with runs: start, pause, resume, cancel, ask the failed again. One transaction each.

Every change of state is a conditional update whose count is looked at: workers and people race for the same rows.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, Q, Value, When
from django.db.models.functions import Now

from evalhub.accounts.models import Team, User
from evalhub.endpoints.models import Endpoint
from evalhub.errors import Invalid, NotAllowed, NotReady
from evalhub.runs import cells, manifest
from evalhub.runs.models import Answer, Run, RunStatus, Shard, ShardStatus
from evalhub.runs.models.answer import Outcome
from evalhub.runs.pricing import to_nano
from evalhub.suites.models import SuiteVersion
from evalhub.suites.services import freeze_version
from workers import queue
from workers.executors.base import RunSettings, SettingsError

SHARD_ANSWERS = 100  # a Celery no-op costs 1.75 ms: a shard must outweigh it, and be small enough to lose
ASK_AGAIN = (Outcome.FAILED, Outcome.QUARANTINED)


@transaction.atomic
def start_run(
    *,
    endpoint: Endpoint,
    suite_version: SuiteVersion,
    owner: User | None,
    settings: RunSettings | Mapping[str, Any] | None = None,
    repeats: int = 1,
    budget: float | None = None,
    priority: int = 1,
    is_public: bool = False,
    team: Team | None = None,
) -> Run:
    """Queue an endpoint on a suite version, which is frozen with it; workers hear of it after the commit.

    `budget` is an amount in the endpoint's currency, None for no limit. Raises Invalid for settings that cannot
    work, and NotReady for a version without items.
    """
    _require_right_to_key(endpoint, owner)
    frozen = _run_settings(endpoint, settings, repeats)
    if budget is not None and budget < 0:
        raise Invalid(
            f"The budget is {budget}; give an amount of at least 0, or leave it empty.", field="budget"
        )
    if priority not in (0, 1, 2):
        raise Invalid(f"The priority is {priority}; choose 0 (first), 1 or 2 (when idle).", field="priority")
    freeze_version(version=suite_version)
    run = Run.objects.create(
        endpoint=endpoint,
        suite_version=suite_version,
        owner=owner,
        team=team,
        is_public=is_public,
        priority=priority,
        settings=frozen.as_dict(),
        repeats=repeats,
        expected=suite_version.item_count * repeats,
        input_price=endpoint.input_price,
        output_price=endpoint.output_price,
        currency=endpoint.currency,
        budget_nano=None if budget is None else to_nano(budget),
        manifest=manifest.begin(endpoint, suite_version, frozen),
    )
    _cut_into_shards(run)
    queue.nudge(run.pool)
    return run


@transaction.atomic
def pause_run(*, run: Run, reason: str = "by_hand", text: str = "") -> None:
    """No new request leaves; what is in flight is finished and kept. Raises NotReady unless queued or running."""
    changed = Run.objects.filter(pk=run.pk, status__in=[RunStatus.QUEUED, RunStatus.RUNNING]).update(
        status=RunStatus.PAUSED, reason=reason, reason_text=text
    )
    if not changed:  # it finished, or somebody was quicker
        raise NotReady(f"Run {run.pk} is {_status(run)}; only a queued or running run can be paused.")


@transaction.atomic
def resume_run(*, run: Run, budget: float | None = None) -> None:
    """Go on where a paused run stopped; `budget`, where given, replaces its old one. Raises NotReady unless paused."""
    was = Case(When(started_at=None, then=Value(RunStatus.QUEUED)), default=Value(RunStatus.RUNNING))
    changes: dict[str, Any] = {"status": was, "reason": "", "reason_text": ""}
    paused = Run.objects.filter(pk=run.pk, status=RunStatus.PAUSED)
    if budget is not None:
        changes["budget_nano"] = to_nano(budget)
        if paused.filter(Q(spent_nano__gt=to_nano(budget) - F("reserved_nano"))).exists():
            raise Invalid(
                f"The budget of {budget} is below what run {run.pk} has spent and reserved; give more.",
                field="budget",
            )
    Shard.objects.filter(run=run, status=ShardStatus.OPEN).update(not_before=None)
    if not paused.update(**changes):
        raise NotReady(f"Run {run.pk} is {_status(run)}; only a paused run can be resumed.")
    queue.nudge(run.pool)


@transaction.atomic
def cancel_run(*, run: Run) -> None:
    """Stop for good: answers so far are kept, answers still under way are refused. Raises NotReady if it has ended.

    Shards before run, as workers lock them when they record: the two wait for each other instead of deadlocking.
    """
    Shard.objects.filter(run=run, status=ShardStatus.OPEN).update(
        status=ShardStatus.CANCELLED, holder="", lease_until=None
    )
    changed = Run.objects.filter(pk=run.pk, status__in=RunStatus.open()).update(
        status=RunStatus.CANCELLED,
        reason="by_hand",
        cancelled=F("expected") - F("done") - F("failed") - F("quarantined"),
        finished_at=Now(),
    )
    if not changed:
        raise NotReady(f"Run {run.pk} is {_status(run)}; it cannot be cancelled any more.")


@transaction.atomic
def retry_failed(*, run: Run) -> int:
    """Ask again what failed or was quarantined; returns how many. Raises NotReady if the run was cancelled or has none.

    The failed answers go: an item has one answer. What they may have cost stays spent.
    """
    latest = Answer.objects.filter(run=run).aggregate(latest=Max("pk"))["latest"] or 0
    again = Answer.objects.filter(
        run=run, outcome__in=ASK_AGAIN, pk__lte=latest
    )  # none that is just being written
    positions = sorted(set(again.values_list("item__position", flat=True)))
    _reopen_shards(run, positions)
    counts: dict[str, int] = {outcome: again.filter(outcome=outcome).count() for outcome in ASK_AGAIN}
    changed = (
        Run.objects.filter(pk=run.pk)
        .exclude(status=RunStatus.CANCELLED)
        .update(
            status=Case(When(status=RunStatus.FINISHED, then=Value(RunStatus.QUEUED)), default=F("status")),
            failed=F("failed") - counts[Outcome.FAILED],
            quarantined=F("quarantined") - counts[Outcome.QUARANTINED],
            finished_at=None,
        )
    )
    if not changed or not positions:
        raise NotReady(
            f"Run {run.pk} is {_status(run)} and has {len(positions)} failed items; nothing to ask again."
        )
    cells.take_back(run, counts)
    again.delete()
    queue.nudge(run.pool)
    return sum(counts.values())


def _require_right_to_key(endpoint: Endpoint, owner: User | None) -> None:
    """Seeing an endpoint is not a right to spend its owner's key."""
    if owner is None or not endpoint.secret_name:
        return
    if not Endpoint.objects.editable_by(owner).filter(pk=endpoint.pk).exists():
        raise NotAllowed(
            f"{owner} may not spend the key of endpoint {endpoint.name}: it belongs to somebody else. "
            "Ask its owner to start the run, or register the address with a key of your own."
        )


def _run_settings(
    endpoint: Endpoint, given: RunSettings | Mapping[str, Any] | None, repeats: int
) -> RunSettings:
    plain = given.as_dict() if isinstance(given, RunSettings) else dict(given or {})
    plain.setdefault("method", "letters" if endpoint.is_base else "chat")
    try:
        return RunSettings.from_dict({**plain, "repeats": repeats})
    except (SettingsError, TypeError, ValueError) as error:
        raise Invalid(str(error), field="settings") from error


def _cut_into_shards(run: Run) -> None:
    size = max(1, SHARD_ANSWERS // run.repeats)
    starts = range(0, run.suite_version.item_count, size)
    last = run.suite_version.item_count - 1
    Shard.objects.bulk_create(
        (
            Shard(run=run, index=index, first=first, last=min(first + size - 1, last))
            for index, first in enumerate(starts)
        ),
        batch_size=1000,
    )


def _reopen_shards(run: Run, positions: Sequence[int]) -> None:
    bounds = Shard.objects.filter(run=run).values_list("pk", "first", "last")
    touched = [
        pk for pk, first, last in bounds if bisect_left(positions, first) < bisect_right(positions, last)
    ]
    Shard.objects.filter(pk__in=touched).update(deaths=0, forgiven=F("fence"))
    Shard.objects.filter(pk__in=touched, status=ShardStatus.DONE).update(status=ShardStatus.OPEN)


def _status(run: Run) -> str:
    return str(Run.objects.values_list("status", flat=True).get(pk=run.pk))
