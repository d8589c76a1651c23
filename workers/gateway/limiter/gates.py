"""What a lane of requests asks before each request leaves; the local gate decides from what this process knows alone."""

from __future__ import annotations

from typing import Protocol

from workers.gateway.base import Signal
from workers.gateway.limiter.rates import Bucket
from workers.gateway.limiter.window import Window
from workers.providers.base import Limits

FOREVER = float("inf")
BLIND_PAUSE_S = 2.0
"""How long a key rests after a 429 that names no time."""


class Gate(Protocol):
    """Decides for one key. Times are seconds of the event loop's clock."""

    blocked_until: float

    @property
    def epoch(self) -> int:
        """The 429 episode we are in."""
        ...

    def wait_s(self, in_flight: int, tokens: int, now: float) -> float:
        """Seconds until the next request may leave; 0 now, FOREVER until something is released or learnt."""
        ...

    def take(self, tokens: int, now: float) -> None:
        """One request leaves."""
        ...

    def learn(self, signal: Signal, epoch: int, is_full: bool, retry_after: float | None, now: float) -> None:
        """One request ended; `is_full` tells that the gate had been the bottleneck."""
        ...

    def correct(self, tokens: int, now: float) -> None:
        """The estimate of a request was this much too low (negative: too high)."""
        ...

    @property
    def concurrency(self) -> float:
        """How many may be in flight."""
        ...


class LocalGate:
    """A window and two buckets of this process."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.window = Window.of(limits)
        self.requests = Bucket.per_minute(limits.requests_per_minute, now)
        self.tokens = Bucket.per_minute(limits.tokens_per_minute, now)
        self.blocked_until = 0.0

    @property
    def epoch(self) -> int:
        """The 429 episode we are in."""
        return self.window.epoch

    @property
    def concurrency(self) -> float:
        """The window's size."""
        return self.window.size

    def wait_s(self, in_flight: int, tokens: int, now: float) -> float:
        """See Gate."""
        if in_flight >= self.window.slots:
            return FOREVER
        wait = max(0.0, self.blocked_until - now)
        if self.requests is not None:
            wait = max(wait, self.requests.wait_s(1, now))
        if self.tokens is not None:
            wait = max(wait, self.tokens.wait_s(tokens, now))
        return wait

    def take(self, tokens: int, now: float) -> None:
        """See Gate."""
        if self.requests is not None:
            self.requests.take(1, now)
        if self.tokens is not None:
            self.tokens.take(tokens, now)

    def learn(self, signal: Signal, epoch: int, is_full: bool, retry_after: float | None, now: float) -> None:
        """See Gate."""
        if signal == "ok":
            if is_full:
                self.window.succeeded()
        elif signal == "failed":
            self.window.failed()
        elif signal == "rate_limited":
            began = self.window.rate_limited(epoch)
            if retry_after is not None or began:
                pause = BLIND_PAUSE_S if retry_after is None else retry_after
                self.blocked_until = max(self.blocked_until, now + pause)

    def correct(self, tokens: int, now: float) -> None:
        """See Gate."""
        if self.tokens is not None:
            self.tokens.take(tokens, now)
