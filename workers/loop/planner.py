"""Requests on paper before they leave: rendered, their intents and reservations committed in groups (I3, I4)."""

import time
from collections.abc import Sequence

from evalhub.runs import intents
from workers.loop import asking, control
from workers.loop.books import bound_nano
from workers.loop.channel import Channel
from workers.loop.desk import Desk
from workers.loop.recorder import Finished
from workers.loop.shards import OpenShard, Slot

STARVED_S = 0.5
Picks = Sequence[tuple[OpenShard, Sequence[Slot]]]


class Planner:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def pump(self, channel: Channel) -> None:
        """Write the next intents of a channel if few are left; one commit of it is under way at a time."""
        if not channel.needs_plan or self.is_starved(channel):
            return
        picks = list(channel.take_for_plan())
        channel.planning = True
        for shard, _ in picks:
            shard.planning += 1
        self._desk.spawn(self._plan(channel, picks))

    def is_starved(self, channel: Channel) -> bool:
        """Whether the budget had no room, and nothing has been booked since that could have made some."""
        has_news = self._desk.recorder.groups != channel.starved_after
        return time.monotonic() < channel.starved_until and not has_news

    async def _plan(self, channel: Channel, picks: Picks) -> None:
        waiting = [shard for shard, _ in picks]
        try:
            for shard, slots in picks:
                await self.plan(channel, shard, slots)
                waiting.remove(shard)
                shard.planning -= 1
                self._desk.changed.set()
        finally:
            channel.planning = False
            for shard in waiting:
                shard.planning -= 1

    async def plan(self, channel: Channel, shard: OpenShard, slots: Sequence[Slot]) -> None:
        """Commit the slots' intents; those the budget covers are then `shard.planned`, the others wait again."""
        ready = [slot for slot in slots if self._render(shard, slot)]
        if not ready or shard.closing:
            return
        count = await self._desk.lane.run(
            intents.plan,
            run_id=shard.run.run_id,
            shard_id=shard.shard_id,
            fence=shard.claim.fence,
            holder=self._desk.name,
            requests=[slot.planned() for slot in ready],
            lease_s=self._desk.pace.lease_s,
        )
        if count is None:  # cancelled, paused, or another's by now: the keeper finds out which
            shard.close()
            return
        for slot in ready[:count]:
            slot.reserved_nano = slot.bound_nano
        shard.planned.extend(ready[:count])
        if count < len(ready):
            if not shard.closing:
                shard.todo.extendleft(reversed(ready[count:]))
            await self._starve(channel, shard)

    def _render(self, shard: OpenShard, slot: Slot) -> bool:
        if not slot.asks:
            broken = asking.render(shard.run, slot)
            if broken is not None:
                self._desk.recorder.add(Finished(shard, broken, None))
                return False
            slot.bound_nano = bound_nano(shard.run, slot)
        return True

    async def _starve(self, channel: Channel, shard: OpenShard) -> None:
        """The budget has no room: wait for reservations to come back, or pause if none will."""
        channel.starved_until, channel.starved_after = (
            time.monotonic() + STARVED_S,
            self._desk.recorder.groups,
        )
        run_id = shard.run.run_id
        mine = [other for other in self._desk.shards.values() if other.run.run_id == run_id]
        if any(other.planned or other.active or other.unrecorded for other in mine):
            return
        if await self._desk.lane.run(control.pause_if_broke, run_id, self._desk.name):
            for other in mine:
                other.close()
