"""The queue in front of one gate: who asked first, within a priority, leaves first."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field

from workers.gateway.base import LimiterState, Permit, Signal
from workers.gateway.limiter.gates import FOREVER, Gate
from workers.providers.errors import RateLimited


@dataclass(order=True, slots=True)
class _Waiter:
    priority: int
    number: int
    tokens: int = field(compare=False)
    granted: asyncio.Future[Permit] = field(compare=False)


class Lane:
    """One key's waiters and permits. Belongs to one event loop.

    `patience_s`: whoever would wait longer than this for a 429's pause to end gets RateLimited (verdict `park`) instead.
    """

    def __init__(self, key: str, gate: Gate, loop: asyncio.AbstractEventLoop, *, patience_s: float) -> None:
        self.key, self.gate, self.in_flight = key, gate, 0
        self._loop, self._patience_s = loop, patience_s
        self._waiting: list[_Waiter] = []
        self._numbers = 0
        self._timer: asyncio.TimerHandle | None = None
        self._peak = 0

    async def acquire(self, tokens: int, priority: int) -> Permit:
        """Wait until the gate lets this request through. Raises RateLimited (park) where that is beyond our patience."""
        now = self._loop.time()
        if not self._waiting and self.gate.wait_s(self.in_flight, tokens, now) <= 0.0:
            return self._grant(tokens, now)
        self._refuse_if_hopeless(now)
        self._numbers += 1
        waiter = _Waiter(priority, self._numbers, tokens, self._loop.create_future())
        heapq.heappush(self._waiting, waiter)
        self._note_peak()
        self.pump()
        try:
            return await waiter.granted
        except asyncio.CancelledError:
            self._withdraw(waiter)
            raise

    def release(
        self, permit: Permit, signal: Signal, tokens_used: int | None, retry_after: float | None
    ) -> None:
        """Take a permit back and pass on what was learnt."""
        now = self._loop.time()
        is_full = bool(self._waiting) or self.in_flight >= int(self.gate.concurrency)
        self.in_flight -= 1
        self.gate.learn(signal, permit.epoch, is_full, retry_after, now)
        if tokens_used is not None and tokens_used != permit.tokens:
            self.gate.correct(tokens_used - permit.tokens, now)
        if self._waiting:
            if signal == "rate_limited":
                self._refuse_the_hopeless(now)
            self.pump()

    def pump(self) -> None:
        """Let through whoever may leave now; wake up again when the next one may."""
        now = self._loop.time()
        while self._waiting:
            head = self._waiting[0]
            if head.granted.done():
                heapq.heappop(self._waiting)
                continue
            wait = self.gate.wait_s(self.in_flight, head.tokens, now)
            if wait > 0.0:
                self._wake_in(wait)
                return
            heapq.heappop(self._waiting)
            head.granted.set_result(self._grant(head.tokens, now))

    @property
    def waiting(self) -> int:
        """Requests that wait, those withdrawn not counted."""
        return sum(not waiter.granted.done() for waiter in self._waiting)

    @property
    def is_idle(self) -> bool:
        """Nothing in flight, nobody waiting."""
        return not self.in_flight and not self._waiting

    def take_peak(self) -> int:
        """The most requests wanted at once since the last call (in flight and waiting)."""
        peak, self._peak = self._peak, 0
        return max(peak, self.in_flight + len(self._waiting))

    def head_tokens(self) -> int:
        """The estimated tokens of whoever is next, 0 where nobody waits."""
        return next((waiter.tokens for waiter in self._waiting if not waiter.granted.done()), 0)

    def next_tokens(self) -> int:
        """The estimated tokens of everyone waiting."""
        return sum(waiter.tokens for waiter in self._waiting if not waiter.granted.done())

    def state(self, degraded: str = "") -> LimiterState:
        """For the live page."""
        blocked = max(0.0, self.gate.blocked_until - self._loop.time())
        return LimiterState(
            self.key, self.gate.concurrency, self.in_flight, self.waiting, blocked, self.gate.epoch, degraded
        )

    def close(self) -> None:
        """Stop waking up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _grant(self, tokens: int, now: float) -> Permit:
        self.gate.take(tokens, now)
        self.in_flight += 1
        self._note_peak()
        return Permit(self.key, tokens, self.gate.epoch, now)

    def _note_peak(self) -> None:
        wanted = self.in_flight + len(self._waiting)
        if wanted > self._peak:
            self._peak = wanted

    def _withdraw(self, waiter: _Waiter) -> None:
        """A waiter was cancelled: if its permit had just been granted, give it back unused."""
        if waiter.granted.done() and not waiter.granted.cancelled() and waiter.granted.exception() is None:
            self.release(waiter.granted.result(), "cancelled", 0, None)
        else:
            waiter.granted.cancel()

    def _refuse_if_hopeless(self, now: float) -> None:
        blocked = self.gate.blocked_until - now
        if blocked > self._patience_s:
            raise _parked(self.key, blocked)

    def _refuse_the_hopeless(self, now: float) -> None:
        blocked = self.gate.blocked_until - now
        if blocked > self._patience_s:
            for waiter in self._waiting:
                if not waiter.granted.done():
                    waiter.granted.set_exception(_parked(self.key, blocked))
            self._waiting.clear()

    def _wake_in(self, wait: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wait != FOREVER:
            self._timer = self._loop.call_later(wait, self._woken)

    def _woken(self) -> None:
        self._timer = None
        self.pump()


def _parked(key: str, blocked_s: float) -> RateLimited:
    provider, _, _ = key.partition("|")
    error = RateLimited(
        f"The {provider} endpoint asked for {blocked_s:.0f} s of rest; come back then.", retry_after=blocked_s
    )
    error.verdict = "park"
    return error
