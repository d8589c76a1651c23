"""The limiter of many workers, through Redis: one window and two buckets a key, shared out fairly.

A worker leases slots and allowances and spends them locally, so Redis is asked about five times a second and key, however
many requests fly. Leases end by themselves, so a killed worker's slots come back. Nothing in Redis is needed: while it is
away each worker goes on with its last share, and `state().degraded` says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from dataclasses import dataclass
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from workers.gateway.base import LimiterState, Permit, Signal
from workers.gateway.limiter.gates import BLIND_PAUSE_S
from workers.gateway.limiter.lane import Lane
from workers.gateway.limiter.local import PATIENCE_S
from workers.gateway.limiter.shared_gate import Learnt, SharedGate
from workers.gateway.limiter.shared_script import SYNC
from workers.providers.base import Limits

SYNC_S = 0.2
SYNC_TIMEOUT_S = 1.0
RETRY_S = 2.0
LEASE_S = 15.0
ROTATE_S = 2.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shared:
    """One key as this worker sees it."""

    lane: Lane
    gate: SharedGate
    wake: asyncio.Event
    asked_for: int = 0
    degraded: str = ""
    task: asyncio.Task[None] | None = None


class RedisLimiter:
    """See Limiter. Takes over its Redis client; both belong to one event loop. `worker` must be unique among workers."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        *,
        worker: str = "",
        prefix: str = "evalhub:limit",
        patience_s: float = PATIENCE_S,
        lease_s: float = LEASE_S,
    ) -> None:
        self.worker = worker or secrets.token_hex(8)
        self._prefix, self._patience_s, self._lease_s = prefix, patience_s, lease_s
        self._client = client
        self._sync_script = client.register_script(SYNC)
        self._keys: dict[str, _Shared] = {}
        self._is_closing = False

    async def acquire(self, key: str, limits: Limits, *, tokens: int = 0, priority: int = 1) -> Permit:
        """See Limiter.acquire."""
        shared = self._shared(key, limits)
        if shared.task is None or shared.task.done():
            shared.task = asyncio.create_task(self._keep_synced(key, shared))
        elif shared.lane.in_flight + shared.lane.waiting >= shared.asked_for:
            shared.wake.set()
        return await shared.lane.acquire(tokens, priority)

    def release(
        self,
        permit: Permit,
        signal: Signal,
        *,
        tokens_used: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """See Limiter.release."""
        if (shared := self._keys.get(permit.key)) is not None:  # None: closed meanwhile
            shared.lane.release(permit, signal, tokens_used, retry_after)
            if signal == "rate_limited":
                shared.wake.set()

    def state(self, key: str) -> LimiterState:
        """See Limiter.state; `concurrency` is this worker's share."""
        shared = self._keys.get(key)
        return shared.lane.state(shared.degraded) if shared else LimiterState(key, 0.0, 0, 0)

    async def close(self) -> None:
        """Give every lease back and close the client; a Redis that hangs holds nobody up for long."""
        self._is_closing = True
        tasks = [shared.task for shared in self._keys.values() if shared.task is not None]
        for shared in self._keys.values():
            shared.lane.close()
            shared.wake.set()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=SYNC_TIMEOUT_S + SYNC_S)
            for task in late:
                task.cancel()
        self._keys.clear()
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(SYNC_TIMEOUT_S):
                await self._client.aclose()

    def _shared(self, key: str, limits: Limits) -> _Shared:
        known = self._keys.get(key)
        if known is not None and (known.gate.limits == limits or not known.lane.is_idle):
            return known
        if known is not None:
            known.gate.limits = limits
            return known
        wake = asyncio.Event()
        gate = SharedGate(limits, wake.set)
        lane = Lane(key, gate, asyncio.get_running_loop(), patience_s=self._patience_s)
        shared = self._keys[key] = _Shared(lane, gate, wake)
        return shared

    async def _keep_synced(self, key: str, shared: _Shared) -> None:
        """Sync while anything flies or waits; then give the lease back and end."""
        while True:
            while not (shared.lane.is_idle or self._is_closing):
                shared.wake.clear()
                want = shared.asked_for = shared.lane.take_peak()
                await self._sync(key, shared, want=want, in_flight=shared.lane.in_flight)
                shared.lane.pump()
                await _pause(shared)
            await self._sync(key, shared, want=0, in_flight=0)
            if shared.lane.is_idle or self._is_closing:  # nobody came while we gave the lease back
                shared.task = None
                return

    async def _sync(self, key: str, shared: _Shared, *, want: int, in_flight: int) -> None:
        """One exchange with Redis; falls back to a gate of our own where it fails."""
        gate, loop = shared.gate, asyncio.get_running_loop()
        learnt, gate.learnt = gate.learnt, Learnt()
        spare_requests, spare_tokens = gate.requests_left, gate.tokens_left
        arguments = self._arguments(shared, learnt, want=want, in_flight=in_flight)
        try:
            async with asyncio.timeout(SYNC_TIMEOUT_S):
                told: list[Any] = await self._sync_script(keys=self._names(key), args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            self._degrade(
                key,
                shared,
                f"Redis does not answer ({type(error).__name__}): limits hold for this worker alone",
            )
            return
        if shared.degraded:
            _log.warning("limiter of %s shares again", key.partition("|")[0])
            shared.degraded = ""
            gate.come_back()
        gate.slots, gate.shared_epoch, gate.size = int(told[0]), int(told[1]), float(told[3])
        if told[2]:
            gate.blocked_until = max(gate.blocked_until, loop.time() + int(told[2]) / 1000)
        gate.requests_left += int(told[4]) - spare_requests  # what was spare went back with this very sync
        gate.tokens_left += int(told[5]) - spare_tokens
        gate.is_denied = want > 0 and not (int(told[4]) and int(told[5]))
        gate.workers = max(1, int(told[6]))

    def _arguments(
        self, shared: _Shared, learnt: Learnt, *, want: int, in_flight: int
    ) -> list[str | int | float]:
        gate, limits, lane = shared.gate, shared.gate.limits, shared.lane
        retry_ms = -1 if learnt.retry_after is None else round(learnt.retry_after * 1000)
        head_tokens = lane.head_tokens()
        need_tokens = max(lane.next_tokens(), head_tokens, want * gate.typical_tokens)
        return [
            *(self.worker, want, in_flight, learnt.ok, int(learnt.failed), learnt.limited_epoch, retry_ms),
            *(want, gate.requests_left, head_tokens, need_tokens, gate.tokens_left),
            *(limits.start, limits.lowest, limits.highest, int(limits.slow_start)),
            *(limits.requests_per_minute or 0, limits.tokens_per_minute or 0),
            *(round(self._lease_s * 1000), round(BLIND_PAUSE_S * 1000), round(ROTATE_S * 1000)),
        ]

    def _names(self, key: str) -> list[str]:
        return [f"{self._prefix}:{{{key}}}:state", f"{self._prefix}:{{{key}}}:leases"]

    def _degrade(self, key: str, shared: _Shared, why: str) -> None:
        if not shared.degraded:
            _log.warning("limiter of %s: %s", key.partition("|")[0], why)
        shared.degraded = why
        shared.gate.fall_back(asyncio.get_running_loop().time())


async def _pause(shared: _Shared) -> None:
    """Until the next regular sync, or sooner when something happened that the others should know or we should ask for."""
    try:
        async with asyncio.timeout(RETRY_S if shared.degraded else SYNC_S):
            await shared.wake.wait()
    except TimeoutError:
        return
    await asyncio.sleep(SYNC_S / 10)  # many may wake us at once
