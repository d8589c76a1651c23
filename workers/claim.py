"""Leases on shards, with a fence. The database row is the truth; whoever raises the fence holds the shard.

Every change is a conditional update whose count is looked at. Times are the database's (I6).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from evalhub.runs.models import Run, RunStatus, Shard, ShardStatus

CLAIMABLE_RUNS = (RunStatus.QUEUED, RunStatus.RUNNING)
_RUNS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A shard in our hands: items [first, last] by position; valid as long as the row's fence is ours."""

    shard_id: int
    run_id: int
    index: int
    first: int
    last: int
    fence: int
    deaths: int


def claim(pool: str, holder: str, *, lease_s: float, skip_runs: Sequence[int] = ()) -> Claim | None:
    """The next shard of the pool: of the most urgent run, then of the run with the fewest shards held, in order.

    None where nothing is claimable. `skip_runs`: runs this worker has enough of.
    """
    for run_id in _runs_in_turn(pool, skip_runs):
        found = _claim_of(run_id, holder, lease_s)
        if found:
            return found
    return None


def renew(holder: str, claims: Iterable[Claim], *, lease_s: float) -> set[int]:
    """Lengthen the leases; returns the shards that are still ours."""
    kept = set()
    with transaction.atomic():
        for held in sorted(claims, key=lambda held: held.shard_id):
            if _ours(held, holder).update(lease_until=Now() + timedelta(seconds=lease_s)):
                kept.add(held.shard_id)
    return kept


def release(held: Claim, holder: str, *, park_s: float = 0.0) -> bool:
    """Give a shard back, unfinished, to be claimed again in `park_s` seconds. False: it was not ours any more."""
    not_before = Now() + timedelta(seconds=park_s) if park_s > 0 else None
    return bool(_ours(held, holder).update(holder="", lease_until=None, not_before=not_before))


def pools_with_work(pools: Iterable[str]) -> list[str]:
    """Those of the pools that have a claimable shard."""
    return [pool for pool in pools if _open_runs(pool).exists()]


def claimable() -> QuerySet[Shard]:
    """Open shards nobody holds and no server asked us to leave alone for a while."""
    return Shard.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=Now()),
        Q(not_before=None) | Q(not_before__lte=Now()),
        status=ShardStatus.OPEN,
    )


def _open_runs(pool: str) -> QuerySet[Run]:
    return Run.objects.filter(pool=pool, status__in=CLAIMABLE_RUNS).filter(
        Exists(claimable().filter(run=OuterRef("pk")))
    )


def _runs_in_turn(pool: str, skip_runs: Sequence[int]) -> list[int]:
    held = (
        Shard.objects.filter(run=OuterRef("pk"), status=ShardStatus.OPEN, lease_until__gte=Now())
        .order_by()
        .values("run")
        .annotate(count=Count("pk"))
        .values("count")
    )
    runs = _open_runs(pool).exclude(pk__in=list(skip_runs)).annotate(held=Coalesce(Subquery(held), Value(0)))
    return list(runs.order_by("priority", "held", "pk").values_list("pk", flat=True)[:_RUNS_LOOKED_AT])


def _claim_of(run_id: int, holder: str, lease_s: float) -> Claim | None:
    """Claim the run's first free shard. On PostgreSQL rows that another worker is just claiming are skipped."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        free = claimable().filter(run=run_id).order_by("index").select_for_update(skip_locked=skip)
        shard = free.first()
        if shard is None:
            return None
        died = Case(When(lease_until=None, then=Value(0)), default=Value(1))
        taken = Shard.objects.filter(pk=shard.pk, fence=shard.fence, status=ShardStatus.OPEN).update(
            holder=holder,
            lease_until=Now() + timedelta(seconds=lease_s),
            not_before=None,
            fence=F("fence") + 1,
            deaths=F("deaths") + died,
        )
        if not taken:  # another worker, or a cancel, was quicker
            return None
        Run.objects.filter(pk=run_id, status=RunStatus.QUEUED).update(
            status=RunStatus.RUNNING, started_at=Coalesce("started_at", Now())
        )
    deaths = shard.deaths + (shard.lease_until is not None)
    return Claim(shard.pk, run_id, shard.index, shard.first, shard.last, shard.fence + 1, deaths)


def _ours(held: Claim, holder: str) -> QuerySet[Shard]:
    return Shard.objects.filter(pk=held.shard_id, fence=held.fence, holder=holder, status=ShardStatus.OPEN)
