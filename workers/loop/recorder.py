"""Answers on their way into the database: gathered, and written a group a run in one transaction."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evalhub.runs import recording
from evalhub.runs.drafts import AnswerDraft, Group, IntentEnd, Recorded, ShardPart
from workers.loop.lane import DatabaseLane
from workers.loop.pace import Pace
from workers.loop.shards import OpenShard

log = logging.getLogger(__name__)
SMALLEST_GROUP, LARGEST_GROUP = 8, 256
LARGEST_BYTES = 4 * 1024 * 1024
INCOMPLETE_S = 5.0


@dataclass(frozen=True, slots=True)
class Finished:
    """A slot that is over. `draft` None: no answer (parked, called back), only its intent ends; both None: nothing was left to ask."""

    shard: OpenShard
    draft: AnswerDraft | None
    end: IntentEnd | None


class Recorder:
    """Gathers finished slots; `flush` writes what there is. One flush runs at a time, so groups grow under load."""

    def __init__(
        self, worker: str, lane: DatabaseLane, pace: Pace, on_complete: Callable[[int], None]
    ) -> None:
        self._worker, self._lane, self._pace, self._on_complete = worker, lane, pace, on_complete
        self._waiting: list[Finished] = []
        self._bytes = 0
        self._oldest = 0.0
        self._task: asyncio.Task[None] | None = None
        self.groups = 0  # written so far

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_empty(self) -> bool:
        return not self._waiting and self._task is None

    def add(self, finished: Finished) -> None:
        if not self._waiting:
            self._oldest = time.monotonic()
        self._waiting.append(finished)
        finished.shard.unrecorded += 1
        if finished.draft is not None:
            self._bytes += len(finished.draft.text) + len(finished.draft.reasoning)

    def due_in(self, in_flight: int) -> float | None:
        """Seconds until what waits must be written; None where nothing waits. `in_flight` requests are out now."""
        if not self._waiting:
            return None
        enough = min(self._pace.group, max(SMALLEST_GROUP, in_flight))
        if len(self._waiting) >= enough or self._bytes >= LARGEST_BYTES:
            return 0.0
        return max(0.0, self._oldest + self._pace.group_s - time.monotonic())

    def flush(self, changed: Callable[[], None]) -> None:
        """Start writing what waits, unless a group is just being written. `changed` is called when it is done."""
        if self._task is None and self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            self._bytes, self._oldest = 0, time.monotonic()
            self._task = asyncio.create_task(self._write(batch, changed))

    async def settle(self) -> None:
        """Write everything that waits, and wait for it."""
        while not self.is_empty:
            self.flush(lambda: None)
            if self._task is not None:
                await asyncio.wait([self._task])

    async def _write(self, batch: Sequence[Finished], changed: Callable[[], None]) -> None:
        try:
            runs: dict[int, list[Finished]] = {}
            for finished in batch:
                runs.setdefault(finished.shard.run.run_id, []).append(finished)
            for run_id, rows in runs.items():
                await self._write_run(run_id, rows)
        except Exception:  # the lane gave up: leases run out, another worker goes on from what is written
            log.exception("%d answers could not be written", len(batch))
            for finished in batch:
                finished.shard.lose()
        finally:
            for finished in batch:
                finished.shard.unrecorded -= 1
            self._task = None
            changed()

    async def _write_run(self, run_id: int, rows: Sequence[Finished]) -> None:
        shards = {finished.shard.shard_id: finished.shard for finished in rows}
        group = Group(
            run_id, self._worker, [_part(shard, rows) for shard in shards.values()], self._pace.lease_s
        )
        outcome = await self._lane.run(recording.record, group)
        if outcome.is_closed:
            await self._refuse(group, shards)
        elif outcome.lost:
            lost = {shard_id: shards[shard_id] for shard_id in outcome.lost}
            await self._refuse(replace(group, parts=[p for p in group.parts if p.shard_id in lost]), lost)
            rest = [finished for finished in rows if finished.shard.shard_id not in lost]
            if rest:
                await self._write_run(run_id, rest)
        else:
            self._note(group, outcome, shards)

    async def _refuse(self, group: Group, shards: dict[int, OpenShard]) -> None:
        """The fence is another's, or the run is over: the answers are dropped, what they cost is not."""
        log.warning("run %d: answers of shards %s refused", group.run_id, sorted(shards))
        for shard in shards.values():
            shard.lose()
        await self._lane.run(recording.settle_only, group)

    def _note(self, group: Group, outcome: Recorded, shards: dict[int, OpenShard]) -> None:
        self.groups += 1
        for part in group.parts:
            if part.is_last and part.shard_id not in outcome.completed:
                log.error("shard %d is asked but not complete; it is given back", part.shard_id)
                shards[part.shard_id].close(park_s=INCOMPLETE_S)
            elif part.is_last:
                shards[part.shard_id].lose()
        if outcome.run_is_complete:
            self._on_complete(group.run_id)


def _part(shard: OpenShard, rows: Sequence[Finished]) -> ShardPart:
    mine = [finished for finished in rows if finished.shard is shard]
    return ShardPart(
        shard.shard_id,
        shard.claim.fence,
        [finished.draft for finished in mine if finished.draft is not None],
        [finished.end for finished in mine if finished.end is not None],
        is_last=shard.is_asked and not shard.closing and shard.unrecorded == len(mine),
    )
