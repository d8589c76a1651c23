"""Deadlines of all requests in flight, watched by one ticker: a set entry a request instead of timers.

A timer re-armed for every chunk is what a request in asyncio spends much of its time on; a ticker at 0.1 s costs nothing that
can be measured and cuts a request at most 0.1 s late.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

TICK_S = 0.1


class Watched(Protocol):
    """Something that must not outlast `due` (seconds of the loop's clock)."""

    due: float

    def expire(self) -> None:
        """Called once when due."""
        ...


class Watchdog:
    """Watches requests of one event loop; ticks only while there are any."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._watched: set[Watched] = set()
        self._handle: asyncio.TimerHandle | None = None

    def add(self, watched: Watched) -> None:
        """Start watching."""
        self._watched.add(watched)
        if self._handle is None:
            self._handle = self._loop.call_later(TICK_S, self._tick)

    def remove(self, watched: Watched) -> None:
        """Stop watching."""
        self._watched.discard(watched)

    def stop(self) -> None:
        """Stop the ticker."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _tick(self) -> None:
        now = self._loop.time()
        for watched in [one for one in self._watched if one.due <= now]:
            self._watched.discard(watched)
            watched.expire()
        self._handle = self._loop.call_later(TICK_S, self._tick) if self._watched else None
