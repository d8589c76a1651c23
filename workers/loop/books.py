"""The gateway's Ledger, Budget and Limiter as the claim loop wants them.

Intents and reservations are committed before a slot is handed to the gateway, so nearly every call here only looks at memory.
"""

import asyncio
from typing import Any

from evalhub.runs import intents
from workers.gateway.base import (
    AskContext,
    Intent,
    Limiter,
    LimiterState,
    Permit,
    Reservation,
    Settlement,
    Signal,
    Usage,
)
from workers.gateway.estimate import estimate
from workers.loop.context import RunContext
from workers.loop.lane import DatabaseLane
from workers.loop.shards import OpenShard, Slot
from workers.providers.base import Limits
from workers.providers.errors import BudgetExhausted


def bound_nano(run: RunContext, slot: Slot) -> int:
    """The most the slot's requests may cost, once each, in nano units: what the gateway will ask the budget for."""
    if run.prices.is_free:
        return 0
    bounds = [estimate(ask, run.target)[0] for ask in slot.asks]
    return sum(run.prices.nano(bound.tokens_in, bound.tokens_out) for bound in bounds)


class Books:
    """Ledger and Budget of one worker. `AskContext.tag` is (OpenShard, Slot)."""

    def __init__(self, lane: DatabaseLane) -> None:
        self._lane = lane

    async def intend(self, intent: Intent) -> None:
        """The slot's intent stands already (intents.plan)."""
        _, slot = _tagged(intent.context)
        if slot.must_stop:  # cancelled, paused or draining since the slot was handed over: nothing may leave
            raise asyncio.CancelledError
        slot.request_hash = intent.request_hash

    async def reserve(self, context: AskContext, bound: Usage) -> Reservation:
        """Enough was set aside when the slot was planned, unless an earlier try may have been billed: then more is."""
        shard, slot = _tagged(context)
        if slot.must_stop:
            raise asyncio.CancelledError
        needed = slot.spent_nano + shard.run.prices.nano(bound.tokens_in, bound.tokens_out)
        if needed > slot.reserved_nano:
            await self._raise(shard, slot, needed - slot.reserved_nano)
        return Reservation(bound)

    async def _raise(self, shard: OpenShard, slot: Slot, by_nano: int) -> None:
        granted = await self._lane.run(
            intents.raise_reservation,
            run_id=shard.run.run_id,
            shard_id=shard.shard_id,
            fence=shard.claim.fence,
            item_id=slot.item.id,
            repeat=slot.repeat,
            by_nano=by_nano,
        )
        if not granted:
            raise BudgetExhausted(
                "The run's budget cannot cover asking this item once more; raise the budget and resume."
            )
        slot.reserved_nano += by_nano


class Journal:
    """The ledger's side of Books, as the gateway wants it: `intend` and `settle`."""

    def __init__(self, books: Books) -> None:
        self.intend = books.intend

    async def settle(self, settlement: Settlement) -> None:
        """Note what the request cost. A possible bill counts as spent in full: the budget must hold even if it comes.

        One that we cut off ourselves stays an open intent with its reservation: nobody will ever know.
        """
        shard, slot = _tagged(settlement.intent.context)
        if settlement.billed == "no":
            return
        if settlement.outcome == "cancelled":
            slot.was_cut = True
            return
        used, bound = settlement.usage, settlement.intent.bound
        prices = shard.run.prices
        if settlement.billed == "possibly" or used is None:
            slot.spent_nano += prices.nano(bound.tokens_in, bound.tokens_out)
        else:
            slot.cost_nano += prices.nano(used.tokens_in, used.tokens_out)
            slot.spent_nano += prices.nano(used.tokens_in, used.tokens_out)


class Purse:
    """The budget's side of Books, as the gateway wants it: `reserve` and `settle`."""

    def __init__(self, books: Books) -> None:
        self.reserve = books.reserve

    async def settle(self, reservation: Reservation, used: Usage | None) -> None:
        """Nothing to do: the ledger's settlement says what was used, and the answer's transaction books it."""


class Turnstile:
    """A limiter that knows whose request it lets through, so that only what is not on the wire is ever called back.

    The gateway runs in the slot's own asyncio task, by which the slot is found.
    """

    def __init__(self, inner: Limiter) -> None:
        self._inner = inner
        self._slots: dict[asyncio.Task[Any], Slot] = {}
        self.in_flight = 0

    def enter(self, task: asyncio.Task[Any], slot: Slot) -> None:
        self._slots[task] = slot

    def leave(self, task: asyncio.Task[Any]) -> None:
        self._slots.pop(task, None)

    async def acquire(self, key: str, limits: Limits, *, tokens: int = 0, priority: int = 1) -> Permit:
        """See Limiter.acquire. Raises CancelledError where the slot was called back while it waited."""
        permit = await self._inner.acquire(key, limits, tokens=tokens, priority=priority)
        slot = self._mine()
        if slot is not None:
            if slot.must_stop:
                self._inner.release(permit, "cancelled", tokens_used=0)
                raise asyncio.CancelledError
            slot.is_out = True
            slot.requests += 1
        self.in_flight += 1
        return permit

    def release(
        self,
        permit: Permit,
        signal: Signal,
        *,
        tokens_used: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """See Limiter.release."""
        self.in_flight -= 1
        slot = self._mine()
        if slot is not None:
            slot.is_out = False
        self._inner.release(permit, signal, tokens_used=tokens_used, retry_after=retry_after)

    def state(self, key: str) -> LimiterState:
        """See Limiter.state."""
        return self._inner.state(key)

    async def close(self) -> None:
        """See Limiter.close."""
        await self._inner.close()

    def _mine(self) -> Slot | None:
        task = asyncio.current_task()
        return None if task is None else self._slots.get(task)


def _tagged(context: AskContext) -> tuple[OpenShard, Slot]:
    shard, slot = context.tag
    return shard, slot
