"""What the parts of a claim loop share: the open shards, the channels, the database lane, and one way to say that something changed."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from workers.gateway.base import AskGateway
from workers.loop.books import Turnstile
from workers.loop.channel import Channel
from workers.loop.context import RunContext
from workers.loop.lane import DatabaseLane
from workers.loop.pace import Pace
from workers.loop.recorder import Recorder
from workers.loop.shards import OpenShard

log = logging.getLogger(__name__)


class Desk:
    """The state of one claim loop. Touched on its event loop only, but for what the lane runs."""

    def __init__(self, *, name: str, pool: str, pace: Pace, lane: DatabaseLane, recorder: Recorder) -> None:
        self.name, self.pool, self.pace, self.lane, self.recorder = name, pool, pace, lane, recorder
        self.gateway: AskGateway
        self.turnstile: Turnstile
        self.shards: dict[int, OpenShard] = {}
        self.channels: dict[int, Channel] = {}
        self.contexts: dict[int, RunContext] = {}
        self.changed = asyncio.Event()
        self.is_alone = False  # one suspect item is asked with nothing beside it
        self.is_stopping = False
        self._jobs: set[asyncio.Task[None]] = set()

    @property
    def in_flight(self) -> int:
        return sum(channel.active for channel in self.channels.values())

    @property
    def is_quiet(self) -> bool:
        """No request in flight, no job under way, nothing unwritten."""
        return not self.in_flight and not self._jobs and self.recorder.is_empty

    def channel_of(self, run: RunContext) -> Channel:
        return self.channels[run.endpoint_id]

    def spawn(self, job: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a job beside the others; its end is a change, its failure is logged and ends nothing else."""
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._ended)
        return task

    async def settle_jobs(self) -> None:
        while self._jobs:
            await asyncio.wait(set(self._jobs))

    def open(self, shard: OpenShard) -> None:
        run = shard.run
        self.shards[shard.shard_id] = shard
        channel = self.channels.setdefault(run.endpoint_id, Channel(run.endpoint_id, run.limit))
        channel.shards.append(shard)

    def shut(self, shard: OpenShard) -> None:
        """Forget a shard that is done, given back or lost; and what was known of its run, if that was its last."""
        self.shards.pop(shard.shard_id, None)
        channel = self.channels.get(shard.run.endpoint_id)
        if channel is not None and shard in channel.shards:
            channel.shards.remove(shard)
        if not any(other.run.run_id == shard.run.run_id for other in self.shards.values()):
            self.contexts.pop(shard.run.run_id, None)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        self.changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a job of %s failed", self.name, exc_info=error)
