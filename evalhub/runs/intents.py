"""The journal (I3) and the purse (I4): intents and their reservations are committed before the bytes leave.

run.reserved_nano is always the sum of `reserved_nano` over the run's unsettled intents.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet

from evalhub.runs.clock import ahead_sql, now_sql
from evalhub.runs.models import Answer, Intent, Run, RunStatus, Shard, ShardStatus


@dataclass(frozen=True, slots=True)
class Planned:
    """A request about to be made for (item, repeat), and the most it may cost in nano units."""

    item_id: int
    repeat: int
    bound_nano: int = 0


def plan(
    *, run_id: int, shard_id: int, fence: int, holder: str, requests: Sequence[Planned], lease_s: float
) -> int | None:
    """Commit as many intents, from the front, as the budget covers, with their reservations; returns how many.

    None: the fence is lost or the run is not open for requests any more, so none may leave. `requests` is not empty.
    """
    with transaction.atomic():
        if not _prove(shard_id, fence, holder, lease_s):
            return None
        if _insert(run_id, shard_id, fence, requests) == 0:
            return len(requests)  # the commit of an earlier try of this call did go through
        fitting = _reserve(run_id, [request.bound_nano for request in requests])
        if fitting is None:
            transaction.set_rollback(True)
            return None
        for request in requests[fitting:]:
            _unsettled(shard_id, fence, request).delete()
        return fitting


def raise_reservation(
    *, run_id: int, shard_id: int, fence: int, item_id: int, repeat: int, by_nano: int
) -> bool:
    """Reserve more for a request that must be sent once more; False where the budget has no room."""
    with transaction.atomic():
        if _reserve(run_id, [by_nano]) != 1:
            return False
        Intent.objects.filter(shard=shard_id, fence=fence, item=item_id, repeat=repeat).update(
            reserved_nano=F("reserved_nano") + by_nano
        )
        return True


def drop(*, run_id: int, shard_id: int, fence: int, requests: Sequence[Planned]) -> None:
    """Take back intents whose bytes never left (the worker is told to stop)."""
    with transaction.atomic():
        freed = 0
        for request in requests:
            intent = _unsettled(shard_id, fence, request)
            freed += sum(intent.values_list("reserved_nano", flat=True))
            intent.delete()
        Run.objects.filter(pk=run_id).update(reserved_nano=F("reserved_nano") - freed)


def deaths_by_item(shard_id: int, fence: int) -> dict[tuple[int, int], int]:
    """(item, repeat) -> how many earlier fences of the shard died with it in flight; answered ones are left out."""
    shard = Shard.objects.get(pk=shard_id)
    rows = (
        Intent.objects.filter(shard=shard, fence__gt=shard.forgiven, fence__lt=fence, is_settled=False)
        .values_list("item_id", "repeat")
        .annotate(deaths=Count("fence"))
    )
    found = {(item, repeat): deaths for item, repeat, deaths in rows}
    answered = Answer.objects.filter(run_id=shard.run_id, item__in={item for item, _ in found})
    return {
        key: deaths
        for key, deaths in found.items()
        if key not in set(answered.values_list("item_id", "repeat"))
    }


def possibly_billed(run_id: int) -> dict[str, int]:
    """Requests that may have been billed without an answer: unsettled intents of shards nobody holds under that fence."""
    rows = Intent.objects.filter(run=run_id, is_settled=False).exclude(
        Q(fence=F("shard__fence"), shard__status=ShardStatus.OPEN) & ~Q(shard__holder="")
    )
    totals: dict[str, int] = defaultdict(int)
    for nano in rows.values_list("reserved_nano", flat=True).iterator(chunk_size=2000):
        totals["requests"] += 1
        totals["nano"] += nano
    return dict(totals)


def _prove(shard_id: int, fence: int, holder: str, lease_s: float) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE runs_shard SET lease_until = {ahead_sql(lease_s)} "  # noqa: S608  a number of ours, no text
            "WHERE id = %s AND fence = %s AND holder = %s AND status = 'open'",
            [shard_id, fence, holder],
        )
        return bool(cursor.rowcount)


def _reserve(run_id: int, bounds: Sequence[int]) -> int | None:
    """How many of these bounds, from the front, fit into the budget; they are reserved. None: the run is not running."""
    total = sum(bounds)
    running = Run.objects.filter(pk=run_id, status=RunStatus.RUNNING)
    if not total:
        return len(bounds) if running.exists() else None
    fits = Q(budget_nano=None) | Q(budget_nano__gte=F("spent_nano") + F("reserved_nano") + total)
    if running.filter(fits).update(reserved_nano=F("reserved_nano") + total):
        return len(bounds)
    room = running.select_for_update().values_list("budget_nano", "spent_nano", "reserved_nano").first()
    if room is None:
        return None
    budget, spent, reserved = room
    free, count = budget - spent - reserved, 0
    while count < len(bounds) and bounds[count] <= free:
        free -= bounds[count]
        count += 1
    if count:  # the row is locked since it was read (SQLite: the whole transaction is)
        running.update(reserved_nano=F("reserved_nano") + sum(bounds[:count]))
    return count


def _unsettled(shard_id: int, fence: int, request: Planned) -> QuerySet[Intent]:
    return Intent.objects.filter(
        shard=shard_id, fence=fence, item=request.item_id, repeat=request.repeat, is_settled=False
    )


def _insert(run_id: int, shard_id: int, fence: int, requests: Sequence[Planned]) -> int:
    """Insert the intents; how many were new."""
    false = "0" if connection.vendor == "sqlite" else "FALSE"
    row = f"(%s, %s, %s, %s, %s, %s, 0, {false}, {now_sql()})"
    values: list[int] = []
    for request in requests:
        values += (run_id, shard_id, fence, request.item_id, request.repeat, request.bound_nano)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO runs_intent (run_id, shard_id, fence, item_id, repeat, reserved_nano, requests, is_settled, "  # noqa: S608
            f"created_at) VALUES {', '.join([row] * len(requests))} ON CONFLICT (shard_id, fence, item_id, repeat) DO NOTHING",
            values,
        )
        return int(cursor.rowcount)
