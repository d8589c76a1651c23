"""Leases on shards, with a fence. The database row is the truth; whoever raises the fence holds the shard.

Every change is a conditional update whose count is looked at. Times are the database's (I6).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from evalhub.runs.clock import ahead_sql, now_sql
from evalhub.runs.models import Run, RunStatus, Shard, ShardStatus

# By hand, since a claim is made for every hundred answers and building such queries took most of its time.
_IS_FREE = "s.status = 'open' AND (s.lease_until IS NULL OR s.lease_until < {now}) AND (s.not_before IS NULL OR s.not_before <= {now})"
_RUNS_SQL = f"""
SELECT r.id FROM runs_run r
WHERE r.pool = %s AND r.status IN ('queued', 'running') {{skipped}}
  AND EXISTS (SELECT 1 FROM runs_shard s WHERE s.run_id = r.id AND {_IS_FREE})
ORDER BY r.priority, (
    SELECT COUNT(*) FROM runs_shard h WHERE h.run_id = r.id AND h.status = 'open' AND h.lease_until >= {{now}}
), r.id LIMIT 20
"""  # noqa: S608
_FREE_SQL = f"""
SELECT s.id, s."index", s.first, s.last, s.fence, s.deaths, s.lease_until IS NOT NULL FROM runs_shard s
WHERE s.run_id = %s AND {_IS_FREE} ORDER BY s."index" LIMIT 1 {{skip}}
"""  # noqa: S608
_TAKE_SQL = """
UPDATE runs_shard SET holder = %s, lease_until = {until}, not_before = NULL, fence = fence + 1, deaths = %s
WHERE id = %s AND fence = %s AND status = 'open'
"""
_BEGIN_SQL = """
UPDATE runs_run SET status = 'running', started_at = COALESCE(started_at, {now}) WHERE id = %s AND status = 'queued'
"""


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
    free = claimable().filter(run=OuterRef("pk"))
    return Run.objects.filter(Exists(free), pool=pool, status__in=[RunStatus.QUEUED, RunStatus.RUNNING])


def _runs_in_turn(pool: str, skip_runs: Sequence[int]) -> list[int]:
    skipped = f"AND r.id NOT IN ({', '.join(['%s'] * len(skip_runs))})" if skip_runs else ""
    with connection.cursor() as cursor:
        cursor.execute(_RUNS_SQL.format(now=now_sql(), skipped=skipped), [pool, *skip_runs])
        return [run_id for (run_id,) in cursor.fetchall()]


def _claim_of(run_id: int, holder: str, lease_s: float) -> Claim | None:
    """Claim the run's first free shard. On PostgreSQL rows that another worker is just claiming are skipped."""
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FREE_SQL.format(now=now_sql(), skip=skip), [run_id])
        row = cursor.fetchone()
        if row is None:
            return None
        shard_id, index, first, last, fence, deaths, has_died = row
        deaths += bool(has_died)
        cursor.execute(_TAKE_SQL.format(until=ahead_sql(lease_s)), [holder, deaths, shard_id, fence])
        if not cursor.rowcount:  # another worker, or a cancel, was quicker
            return None
        cursor.execute(_BEGIN_SQL.format(now=now_sql()), [run_id])
    return Claim(shard_id, run_id, index, first, last, fence + 1, deaths)


def _ours(held: Claim, holder: str) -> QuerySet[Shard]:
    return Shard.objects.filter(pk=held.shard_id, fence=held.fence, holder=holder, status=ShardStatus.OPEN)
