"""The claim loop: claims shards, asks their items through the gateway, records the answers, until told to stop.

Whatever changes (an answer, a commit, a nudge, the clock) sets one event; the main coroutine then looks at everything
once (`_pump`) and starts what can be started. Nothing else starts work, so there is one place to read.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from evalhub.runs import intents
from workers import claim as claims
from workers.gateway.base import AskGateway, Budget, Ledger, Limiter
from workers.loop import control
from workers.loop.asker import Asker
from workers.loop.books import Books, Journal, Purse, Turnstile
from workers.loop.claimer import Claimer
from workers.loop.desk import Desk
from workers.loop.keeper import Keeper
from workers.loop.lane import DatabaseLane
from workers.loop.pace import Pace
from workers.loop.planner import Planner
from workers.loop.recorder import Finished, Recorder
from workers.loop.shards import OpenShard
from workers.loop.suspects import Suspects

log = logging.getLogger(__name__)
LAST_WRITES_S = 5.0  # of the drain, kept for what must still be written


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the loop is given: how to reach models (the limiter is told the worker's name), and whom to tell of a complete run."""

    make_limiter: Callable[[str], Limiter]
    make_gateway: Callable[[Limiter, Ledger, Budget], AskGateway]
    on_complete: Callable[[int], None]


class ClaimLoop:
    """One worker. `run` on an event loop, once; `wake` and `stop` from any thread."""

    def __init__(self, pool: str, wiring: Wiring, pace: Pace | None = None, *, name: str = "") -> None:
        self.name = name or control.worker_name(pool)
        self._wiring, self._pace = wiring, pace or Pace.from_environment()
        self._lane = DatabaseLane(self.name)
        recorder = Recorder(self.name, self._lane, self._pace, wiring.on_complete)
        self._desk = Desk(name=self.name, pool=pool, pace=self._pace, lane=self._lane, recorder=recorder)
        self._claimer, self._asker, self._planner = (
            Claimer(self._desk),
            Asker(self._desk),
            Planner(self._desk),
        )
        self._suspects = Suspects(self._desk, self._planner, self._asker)
        self._keeper = Keeper(self._desk)
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """There may be work: look for it now."""
        self._from_outside(self._look_again)

    def stop(self) -> None:
        """Claim nothing more, finish what is in flight, give the leases back, return from `run`."""
        self._desk.is_stopping = True
        self._from_outside(self._desk.changed.set)

    async def run(self, *, until_idle: bool = False, at_most_s: float | None = None) -> None:
        """Work until `stop`; with `until_idle` also end when nothing is claimable, and after `at_most_s` seconds."""
        self._loop = asyncio.get_running_loop()
        self._open_gateway()
        ends_at = None if at_most_s is None else time.monotonic() + at_most_s
        keeper = asyncio.create_task(self._keeper.run())
        try:
            while not self._desk.is_stopping and (ends_at is None or time.monotonic() < ends_at):
                self._desk.changed.clear()
                self._pump()
                if until_idle and self._is_idle:
                    break
                await self._wait()
            await self._drain()
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._desk.gateway.close()
            await self._loop.run_in_executor(None, self._lane.close)

    def _open_gateway(self) -> None:
        books = Books(self._lane)
        self._desk.turnstile = Turnstile(self._wiring.make_limiter(self.name))
        self._desk.gateway = self._wiring.make_gateway(self._desk.turnstile, Journal(books), Purse(books))

    @property
    def _is_idle(self) -> bool:
        return self._claimer.is_dry and not self._desk.shards and self._desk.is_quiet

    async def _wait(self) -> None:
        """Until something changed, or the clock says that something is due."""
        due = [self._claimer.due_in or self._pace.control_s, self._pace.poll_s]
        written = self._desk.recorder.due_in(self._desk.in_flight)
        if written is not None:
            due.append(written)
        if any(channel.starved_until for channel in self._desk.channels.values()):
            due.append(self._pace.control_s / 2)
        try:
            await asyncio.wait_for(self._desk.changed.wait(), max(0.001, min(due)))
        except TimeoutError:
            return

    def _pump(self) -> None:
        desk = self._desk
        if not self._suspects.pump():
            for channel in desk.channels.values():
                self._asker.pump(channel)
                self._planner.pump(channel)
        for shard in list(desk.shards.values()):
            self._retire(shard)
        self._claimer.pump()
        self._flush()

    def _flush(self) -> None:
        recorder = self._desk.recorder
        due = recorder.due_in(self._desk.in_flight)
        if due is not None and (
            due <= 0 or any(self._is_waited_for(shard) for shard in self._desk.shards.values())
        ):
            recorder.flush(self._desk.changed.set)

    def _is_waited_for(self, shard: OpenShard) -> bool:
        """Whether the shard can only go on (or go) once its answers are written."""
        return bool(shard.unrecorded) and not shard.active and (shard.closing or shard.is_asked)

    def _retire(self, shard: OpenShard) -> None:
        """Let go of a shard that is lost or done, or that is closing with everything of it written."""
        if shard.lost:
            if not shard.active:
                self._desk.shut(shard)
        elif shard.is_quiet and shard.closing:
            self._desk.shut(shard)
            self._desk.spawn(self._give_back(shard))
        elif (
            shard.is_quiet and shard.is_asked
        ):  # nothing of it was left to ask, or its last answers were not known as such
            self._desk.recorder.add(Finished(shard, None, None))

    async def _give_back(self, shard: OpenShard) -> None:
        if shard.planned:
            unsent = [slot.planned() for slot in shard.planned]
            await self._lane.run(
                intents.drop,
                run_id=shard.run.run_id,
                shard_id=shard.shard_id,
                fence=shard.claim.fence,
                requests=unsent,
            )
        await self._lane.run(claims.release, shard.claim, self.name, park_s=shard.park_s)

    async def _drain(self) -> None:
        """Finish calls, write answers, give leases back. What does not finish in time is cut off and stays an open intent."""
        desk, ends_at = self._desk, time.monotonic() + self._pace.drain_s
        desk.is_stopping = True
        await self._end_by(ends_at)
        for shard in desk.shards.values():
            shard.lose()
            for slot in list(shard.active):
                if slot.task is not None:
                    slot.task.cancel()
        await asyncio.sleep(0)
        self._lane.give_up()
        await desk.recorder.settle()
        await desk.settle_jobs()
        await self._keeper.beat(stopped=True)

    async def _end_by(self, ends_at: float) -> None:
        desk = self._desk
        while (desk.shards or not desk.is_quiet) and (left := ends_at - time.monotonic()) > 0:
            desk.changed.clear()
            for shard in list(desk.shards.values()):
                if not shard.closing:
                    shard.close()
                self._retire(shard)
            self._flush()
            try:
                await asyncio.wait_for(desk.changed.wait(), min(left, 0.2))
            except TimeoutError:
                continue

    def _look_again(self) -> None:
        self._claimer.look_again()
        self._desk.changed.set()

    def _from_outside(self, call: Callable[[], object]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)
