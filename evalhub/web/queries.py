"""The home page and the queue page, read in a fixed number of queries. Times are compared on the database's clock."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, DateTimeField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Now

from evalhub.boards.queries import BoardLine, BoardTable, board_lines, board_table
from evalhub.runs.models import Run, RunStatus, Shard, ShardStatus, Worker
from evalhub.runs.queries import RunLine, with_scores
from questions.bank.models import Question
from workers.queue import POOLS

BEAT_S = 60  # a worker that has not been heard of for so long is taken for gone
WORKABLE = (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Home:
    """The start page: the board refreshed last, the runs that go on, and how many questions may be asked."""

    newest: BoardTable | None
    boards: tuple[BoardLine, ...]
    open_runs: tuple[RunLine, ...]
    questions: int


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A pool: its open runs, and its open shards by what keeps them (free to claim, held under a lease, parked, paused)."""

    name: str
    runs: int
    free: int
    held: int
    parked: int
    paused: int
    workers: int
    in_flight: int

    @property
    def is_starved(self) -> bool:
        """Work waits and nobody is there to take it."""
        return self.free > 0 and self.workers == 0


@dataclass(frozen=True, slots=True)
class Hold:
    """How many shards of a run a worker holds."""

    run_id: int
    shards: int


@dataclass(frozen=True, slots=True)
class WorkerLine:
    worker: Worker
    is_alive: bool
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    pools: tuple[PoolLine, ...]
    workers: tuple[WorkerLine, ...]


def home(user: Any) -> Home:
    """At most nine queries."""
    boards = board_lines(user, limit=4)
    newest = board_table(boards[0].board, user) if boards else None
    open_runs = Run.objects.visible_to(user).filter(status__in=RunStatus.open()).with_names()[:8]
    return Home(
        newest=newest if newest and newest.lines else None,
        boards=tuple(boards),
        open_runs=tuple(with_scores(open_runs)),
        questions=Question.objects.visible_to(user).for_practice().count(),
    )


def queue(user: Any) -> Queue:
    """Every pool with its work, every worker heard of within a day with what it holds. Five queries."""
    workers = list(_workers())
    holds: dict[str, list[Hold]] = {}
    for row in _held_shards(user):
        holds.setdefault(row["holder"], []).append(Hold(row["run_id"], row["count"]))
    lines = tuple(WorkerLine(w, w.is_alive, tuple(holds.get(w.name, ()))) for w in workers)
    return Queue(pools=_pools(lines), workers=lines)


def _workers() -> Any:
    beat = ExpressionWrapper(Now() - timedelta(seconds=BEAT_S), output_field=DateTimeField())
    day = ExpressionWrapper(Now() - timedelta(days=1), output_field=DateTimeField())
    is_alive = Case(
        When(stopped_at=None, beat_at__gte=beat, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return (
        Worker.objects.filter(beat_at__gte=day)
        .annotate(is_alive=is_alive)
        .order_by("-is_alive", "pool", "name")
    )


def _held_shards(user: Any) -> Any:
    return (
        Shard.objects.filter(
            status=ShardStatus.OPEN, lease_until__gt=Now(), run__in=Run.objects.visible_to(user).values("pk")
        )
        .order_by("run_id")
        .values("holder", "run_id")
        .annotate(count=Count("pk"))
    )


def _pools(workers: tuple[WorkerLine, ...]) -> tuple[PoolLine, ...]:
    works = Q(run__status__in=WORKABLE)
    held = Q(lease_until__gt=Now())
    parked = Q(not_before__gt=Now())
    rows = (
        Shard.objects.filter(status=ShardStatus.OPEN, run__status__in=RunStatus.open())
        .order_by()
        .values(pool=F("run__pool"))
        .annotate(
            runs=Count("run", distinct=True),
            held=Count("pk", filter=works & held),
            parked=Count("pk", filter=works & ~held & parked | works & Q(lease_until=None) & parked),
            paused=Count("pk", filter=Q(run__status=RunStatus.PAUSED)),
            all=Count("pk"),
        )
    )
    found: dict[str, dict[str, Any]] = {row["pool"]: dict(row) for row in rows}
    return tuple(_pool(name, found.get(name, {}), workers) for name in POOLS)


def _pool(name: str, row: dict[str, Any], workers: tuple[WorkerLine, ...]) -> PoolLine:
    alive = [line.worker for line in workers if line.is_alive and line.worker.pool == name]
    held, parked, paused = (int(row.get(key, 0)) for key in ("held", "parked", "paused"))
    return PoolLine(
        name=name,
        runs=int(row.get("runs", 0)),
        free=int(row.get("all", 0)) - held - parked - paused,
        held=held,
        parked=parked,
        paused=paused,
        workers=len(alive),
        in_flight=sum(worker.in_flight for worker in alive),
    )
