"""What stood still: found by the tick, every 5 s, and set going again."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from evalhub.runs.models import Run, RunStatus, Shard, ShardStatus, Worker

FORGET_WORKERS = timedelta(days=1)
_AT_ONCE = 20


def complete_runs() -> list[int]:
    """Runs without an open shard that are not finished yet: their last worker died before it could say so."""
    open_shards = Shard.objects.filter(run=OuterRef("pk"), status=ShardStatus.OPEN)
    runs = Run.objects.filter(~Exists(open_shards), status__in=RunStatus.open())
    return list(runs.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])


def forget_old_workers() -> int:
    """Delete the rows of workers whose heart stopped a day ago; returns how many."""
    deleted, _ = Worker.objects.filter(beat_at__lt=Now() - FORGET_WORKERS).delete()
    return deleted
