"""Starting slots, and what their ends mean: an answer to record, a shard to park, a run to pause."""

import asyncio
import logging

from evalhub.runs.drafts import AnswerDraft
from workers.loop import asking, control
from workers.loop.channel import Channel
from workers.loop.desk import Desk
from workers.loop.recorder import Finished
from workers.loop.shards import OpenShard, Slot
from workers.providers.errors import AskError

log = logging.getLogger(__name__)
SHORTEST_PARK_S = 1.0


class Asker:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pump(self, channel: Channel) -> None:
        """Fill the channel's places with planned slots."""
        while channel.active < channel.room:
            found = channel.next_planned()
            if found is None:
                return
            self.start(channel, *found)

    def start(self, channel: Channel, shard: OpenShard, slot: Slot) -> asyncio.Task[AnswerDraft | None]:
        channel.started(shard.run)
        shard.active.add(slot)
        task = slot.task = asyncio.create_task(self._work(shard, slot))
        self._desk.turnstile.enter(task, slot)
        # A callback, not a `finally` in the task: one that is called back before its first step never enters its body.
        task.add_done_callback(lambda task: self._ended(task, channel, shard, slot))
        return task

    async def _work(self, shard: OpenShard, slot: Slot) -> AnswerDraft | None:
        """The slot's answer; None where there is none for now (parked, paused)."""
        try:
            return await asking.answer(self._desk.gateway, shard, slot)
        except AskError as error:
            self._stop_asking(shard, error)
            return None
        except (
            Exception
        ) as error:  # a fault of ours must not take the worker down, nor ask this item for ever
            log.exception("asking item %d failed", slot.item.id)
            return asking.broken(slot, error)

    def _ended(
        self, task: asyncio.Task[AnswerDraft | None], channel: Channel, shard: OpenShard, slot: Slot
    ) -> None:
        channel.ended(shard.run)
        shard.active.discard(slot)
        slot.task = None
        self._desk.turnstile.leave(task)
        if not slot.was_cut:
            draft = None if task.cancelled() else task.result()
            self._desk.recorder.add(Finished(shard, draft, slot.end()))
        self._desk.changed.set()

    def _stop_asking(self, shard: OpenShard, error: AskError) -> None:
        if error.verdict == "park":
            shard.close(park_s=max(SHORTEST_PARK_S, error.retry_after or 0.0))
            return
        if shard.closing:  # its run is paused already, and perhaps resumed since: this is news of before
            return
        for other in self._desk.shards.values():
            if other.run.run_id == shard.run.run_id:
                other.close()
        self._desk.spawn(self._pause(shard.run.run_id, error))

    async def _pause(self, run_id: int, error: AskError) -> None:
        if await self._desk.lane.run(control.pause, run_id, error.error_class, error.message):
            log.warning("run %d is paused: %s", run_id, error.error_class)
