"""Items that were in flight when two workers died are asked all alone: if a third dies, no other item can be the culprit."""

import asyncio

from workers.loop.asker import Asker
from workers.loop.desk import Desk
from workers.loop.planner import Planner
from workers.loop.shards import OpenShard, Slot


class Suspects:
    def __init__(self, desk: Desk, planner: Planner, asker: Asker) -> None:
        self._desk, self._planner, self._asker = desk, planner, asker

    def pump(self) -> bool:
        """Ask the next suspect once nothing else is in flight; True while everybody else has to wait."""
        desk = self._desk
        if desk.is_alone:
            return True
        shard = next((shard for shard in desk.shards.values() if shard.suspects), None)
        if shard is None:
            return False
        if not desk.recorder.is_empty:
            desk.recorder.flush(desk.changed.set)
        elif not desk.in_flight and not any(channel.planning for channel in desk.channels.values()):
            desk.is_alone = True
            shard.planning += 1
            desk.spawn(self._ask_alone(shard, shard.suspects.popleft()))
        return True

    async def _ask_alone(self, shard: OpenShard, slot: Slot) -> None:
        channel = self._desk.channel_of(shard.run)
        try:
            await self._planner.plan(channel, shard, [slot])
            if slot in shard.planned:
                shard.planned.remove(slot)
                await asyncio.wait([self._asker.start(channel, shard, slot)])
        finally:
            shard.planning -= 1
            self._desk.is_alone = False
