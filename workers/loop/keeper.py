"""The loop's clockwork: leases renewed, the heart beaten, cancelled and paused runs noticed. Runs beside everything else."""

import asyncio
import logging
import time
from typing import Any

from evalhub.runs.models import RunStatus
from workers import claim as claims
from workers.loop import control
from workers.loop.desk import Desk

log = logging.getLogger(__name__)


class Keeper:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._renew_at = self._beat_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._once()
            except Exception:  # the next round may do better; the leases say who holds what
                log.exception("%s could not look after its leases", self._desk.name)
            await asyncio.sleep(self._desk.pace.control_s)

    async def beat(self, *, stopped: bool = False) -> None:
        desk = self._desk
        await desk.lane.run(
            control.beat,
            name=desk.name,
            pool=desk.pool,
            in_flight=desk.in_flight,
            state=self._state(),
            stopped=stopped,
        )

    async def _once(self) -> None:
        now = time.monotonic()
        if now >= self._beat_at:
            self._beat_at = now + self._desk.pace.beat_s
            await self.beat()
        if self._desk.shards:
            await self._heed_runs()
            if now >= self._renew_at:
                self._renew_at = now + self._desk.pace.renew_s
                await self._renew()

    async def _renew(self) -> None:
        desk = self._desk
        held = dict(desk.shards)
        kept = await desk.lane.run(
            claims.renew, desk.name, [shard.claim for shard in held.values()], lease_s=desk.pace.lease_s
        )
        for shard_id in held.keys() - kept:
            if desk.shards.get(shard_id) is held[shard_id] and not held[shard_id].lost:
                log.warning("shard %d is held by another now", shard_id)
                held[shard_id].lose()
                desk.changed.set()

    async def _heed_runs(self) -> None:
        """Close the shards of runs that do not run any more: here a cancel, a pause and an empty budget arrive."""
        desk = self._desk
        states = await desk.lane.run(control.run_states, {shard.run.run_id for shard in desk.shards.values()})
        for shard in desk.shards.values():
            state = states.get(shard.run.run_id)
            if state != RunStatus.RUNNING and not shard.closing:
                shard.close()
                desk.changed.set()

    def _state(self) -> dict[str, Any]:
        return {"shards": sorted(self._desk.shards)}
