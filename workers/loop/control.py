"""Small database jobs of the claim loop: its heartbeat, the state of its runs, pausing. Run in the database lane."""

import os
import socket
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from evalhub.runs.models import Intent, Run, RunStatus, Shard, ShardStatus, Worker

BUDGET = "budget_exhausted"


def worker_name(pool: str) -> str:
    """A name no other claim loop has: pool, host, process and a random tail, since process ids come again."""
    return f"{pool}@{socket.gethostname()[:60]}:{os.getpid()}:{os.urandom(3).hex()}"


def beat(*, name: str, pool: str, in_flight: int, state: dict[str, Any], stopped: bool = False) -> None:
    """Write the worker's heartbeat on the database's clock."""
    changing = {
        "in_flight": in_flight,
        "shards": len(state.get("shards", ())),
        "state": state,
        "beat_at": Now(),
    }
    Worker.objects.update_or_create(
        name=name,
        defaults={**changing, "stopped_at": Now() if stopped else None},
        create_defaults={
            **changing,
            "pool": pool,
            "host": socket.gethostname()[:120],
            "pid": os.getpid(),
            "version": _version(),
            "started_at": Now(),
        },
    )


def run_states(run_ids: Collection[int]) -> dict[int, str]:
    """run id -> status. A run that was deleted is missing."""
    return dict(Run.objects.filter(pk__in=run_ids).values_list("pk", "status"))


def pause(run_id: int, reason: str, text: str) -> bool:
    """Pause a running run with a typed reason; False where it was not running any more."""
    return bool(
        Run.objects.filter(pk=run_id, status__in=[RunStatus.QUEUED, RunStatus.RUNNING]).update(
            status=RunStatus.PAUSED, reason=reason[:40], reason_text=text
        )
    )


def pause_if_broke(run_id: int, holder: str) -> bool:
    """Pause for lack of budget, unless another worker still has reservations that may come back."""
    others = Shard.objects.filter(run=run_id, status=ShardStatus.OPEN, lease_until__gte=Now()).exclude(
        holder=holder
    )
    reserved = Intent.objects.filter(shard=OuterRef("pk"), fence=OuterRef("fence"), is_settled=False)
    if others.filter(Exists(reserved)).exists():
        return False
    run = (
        Run.objects.filter(pk=run_id)
        .annotate(left=F("budget_nano") - F("spent_nano") - F("reserved_nano"))
        .get()
    )
    return pause(
        run_id,
        BUDGET,
        f"The budget of {(run.budget_nano or 0) / 1e9:g} {run.currency} has {run.left / 1e9:g} left, which does not "
        "cover the next request. Raise it and resume.",
    )


def _version() -> str:
    try:
        return version("evalhub")
    except PackageNotFoundError:  # run from a checkout
        return "checkout"
