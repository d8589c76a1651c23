"""One endpoint's way out of this worker: the shards open for it, and whose turn is next."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from workers.loop.context import RunContext
from workers.loop.shards import OpenShard, Slot

LEAST_PLAN = 8
LARGEST_PLAN = 128
MOST_WAITING = 64


@dataclass(slots=True, eq=False)
class Channel:
    """`limit` requests may be in flight; a few more wait at the limiter, so that a freed place is filled at once."""

    endpoint_id: int
    limit: int
    shards: list[OpenShard] = field(default_factory=list)
    active: int = 0
    planning: bool = False
    starved_until: float = 0.0  # the budget had no room: look again then, or once something more is booked
    starved_after: int = 0  # groups written when it had none
    per_run: Counter[int] = field(default_factory=Counter)

    @property
    def room(self) -> int:
        return self.limit + max(2, min(MOST_WAITING, self.limit))

    @property
    def plan_size(self) -> int:
        """Intents a commit: large enough to be cheap, small enough that a kill leaves few bills in doubt."""
        return max(LEAST_PLAN, min(LARGEST_PLAN, self.limit))

    @property
    def planned(self) -> int:
        return sum(len(shard.planned) for shard in self.shards)

    @property
    def backlog(self) -> int:
        """What waits, planned or not: below `room` the next shard is claimed, so that it fills the tail of this one."""
        return sum(shard.waiting for shard in self.shards)

    @property
    def needs_plan(self) -> bool:
        return (
            not self.planning
            and self.planned <= self.plan_size // 2
            and any(shard.todo for shard in self.shards)
        )

    def backlog_of(self, run_id: int) -> int:
        return sum(shard.waiting for shard in self.shards if shard.run.run_id == run_id)

    def next_planned(self) -> tuple[OpenShard, Slot] | None:
        """The next slot to ask: the most urgent run first, then the run with the fewest in flight here."""
        shards = [shard for shard in self.shards if shard.planned]
        if not shards:
            return None
        shard = shards[0] if len(shards) == 1 else min(shards, key=self._turn)
        return shard, shard.planned.popleft()

    def take_for_plan(self) -> Iterator[tuple[OpenShard, list[Slot]]]:
        """The slots whose intents are to be written next, by shard, shared evenly between runs of equal priority."""
        left = self.plan_size
        shards = sorted((shard for shard in self.shards if shard.todo), key=self._turn)
        urgent = [shard for shard in shards if shard.run.priority == shards[0].run.priority]
        runs = {shard.run.run_id for shard in urgent}
        share = max(1, left // max(1, len(runs)))
        taken: Counter[int] = Counter()
        for shard in urgent:
            count = min(len(shard.todo), left, share - taken[shard.run.run_id])
            if count > 0:
                taken[shard.run.run_id] += count
                left -= count
                yield shard, [shard.todo.popleft() for _ in range(count)]

    def started(self, run: RunContext) -> None:
        self.active += 1
        self.per_run[run.run_id] += 1

    def ended(self, run: RunContext) -> None:
        self.active -= 1
        self.per_run[run.run_id] -= 1

    def _turn(self, shard: OpenShard) -> tuple[int, int]:
        return shard.run.priority, self.per_run[shard.run.run_id]
