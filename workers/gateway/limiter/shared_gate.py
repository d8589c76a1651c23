"""The gate of one worker's share of a key: slots and allowances leased from Redis, and a local gate for when Redis is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from workers.gateway.base import Signal
from workers.gateway.limiter.gates import BLIND_PAUSE_S, FOREVER, LocalGate
from workers.providers.base import Limits


@dataclass(slots=True)
class Learnt:
    """What happened since the last sync."""

    ok: int = 0
    failed: bool = False
    limited_epoch: int = -1
    retry_after: float | None = None


class SharedGate:
    """See Gate. `slots` and the allowances are this worker's alone until its lease ends."""

    def __init__(self, limits: Limits, wake: Callable[[], None]) -> None:
        self.limits, self._wake = limits, wake
        self.slots = 0
        self.size = float(limits.start)
        self.shared_epoch = 0
        self.blocked_until = 0.0
        self.requests_left = 0
        self.tokens_left = 0
        self.typical_tokens = 0
        self.is_denied = False  # Redis had nothing left when last asked: the next regular sync will do
        self.workers = 1
        self.learnt = Learnt()
        self.fallback: LocalGate | None = None

    @property
    def epoch(self) -> int:
        """The 429 episode of all workers together."""
        return self.shared_epoch

    @property
    def concurrency(self) -> float:
        """How many this worker may have in flight."""
        return self.fallback.concurrency if self.fallback is not None else float(self.slots)

    def wait_s(self, in_flight: int, tokens: int, now: float) -> float:
        """See Gate."""
        if self.fallback is not None:
            return self.fallback.wait_s(in_flight, tokens, now)
        if in_flight >= self.slots:
            return FOREVER
        limits = self.limits
        if (limits.requests_per_minute is not None and self.requests_left < 1) or (
            limits.tokens_per_minute is not None and self.tokens_left < tokens
        ):
            if not self.is_denied:
                self._wake()
            return FOREVER
        return max(0.0, self.blocked_until - now)

    def take(self, tokens: int, now: float) -> None:
        """See Gate."""
        if self.fallback is not None:
            self.fallback.take(tokens, now)
            return
        self.requests_left -= 1
        self.tokens_left -= tokens
        self.typical_tokens = max(tokens, self.typical_tokens * 9 // 10)

    def learn(self, signal: Signal, epoch: int, is_full: bool, retry_after: float | None, now: float) -> None:
        """See Gate. A 429 rests this worker at once; the others hear of it with the next sync."""
        if self.fallback is not None:
            self.fallback.learn(signal, epoch, is_full, retry_after, now)
            self.blocked_until = self.fallback.blocked_until
            return
        if signal == "ok":
            self.learnt.ok += is_full
        elif signal == "failed":
            self.learnt.failed = True
        elif signal == "rate_limited":
            self.learnt.limited_epoch = max(self.learnt.limited_epoch, epoch)
            if retry_after is not None:
                self.learnt.retry_after = max(self.learnt.retry_after or 0.0, retry_after)
            if retry_after is not None or epoch >= self.epoch:
                pause = BLIND_PAUSE_S if retry_after is None else retry_after
                self.blocked_until = max(self.blocked_until, now + pause)

    def correct(self, tokens: int, now: float) -> None:
        """See Gate."""
        if self.fallback is not None:
            self.fallback.correct(tokens, now)
        else:
            self.tokens_left -= tokens

    def fall_back(self, now: float) -> None:
        """Redis is away: go on alone with the share we had, never with more than a fresh start."""
        if self.fallback is None:
            alone = replace(
                self.limits,
                start=max(self.slots or self.limits.start, self.limits.lowest),
                slow_start=False,
                requests_per_minute=_share(self.limits.requests_per_minute, self.workers),
                tokens_per_minute=_share(self.limits.tokens_per_minute, self.workers),
            )
            self.fallback = LocalGate(alone, now)
            self.fallback.blocked_until = self.blocked_until
            self.requests_left = self.tokens_left = 0

    def come_back(self) -> None:
        """Redis is there again."""
        self.fallback = None


def _share(limit: int | None, workers: int) -> int | None:
    return None if limit is None else max(1, limit // workers)
