"""The limiter of one process."""

from __future__ import annotations

import asyncio

from workers.gateway.base import LimiterState, Permit, Signal
from workers.gateway.limiter.gates import LocalGate
from workers.gateway.limiter.lane import Lane
from workers.providers.base import Limits

PATIENCE_S = 30.0


class LocalLimiter:
    """A lane for each key, with limits of its own; belongs to one event loop.

    A key whose limits change gets a fresh window when it is next idle.
    """

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._lanes: dict[str, tuple[Limits, Lane]] = {}

    async def acquire(self, key: str, limits: Limits, *, tokens: int = 0, priority: int = 1) -> Permit:
        """See Limiter.acquire. Raises RateLimited (park) for a pause beyond our patience."""
        return await self._lane(key, limits).acquire(tokens, priority)

    def release(
        self,
        permit: Permit,
        signal: Signal,
        *,
        tokens_used: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """See Limiter.release."""
        if (known := self._lanes.get(permit.key)) is not None:  # None: closed meanwhile
            known[1].release(permit, signal, tokens_used, retry_after)

    def state(self, key: str) -> LimiterState:
        """See Limiter.state."""
        known = self._lanes.get(key)
        return known[1].state() if known else LimiterState(key, 0.0, 0, 0)

    async def close(self) -> None:
        """Stop all timers."""
        for _, lane in self._lanes.values():
            lane.close()
        self._lanes.clear()

    def _lane(self, key: str, limits: Limits) -> Lane:
        known = self._lanes.get(key)
        if known is not None and (known[0] == limits or not known[1].is_idle):
            return known[1]
        loop = asyncio.get_running_loop()
        lane = Lane(key, LocalGate(limits, loop.time()), loop, patience_s=self._patience_s)
        self._lanes[key] = (limits, lane)
        return lane
