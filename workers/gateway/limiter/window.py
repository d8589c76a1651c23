"""Adaptive concurrency for one key: additive growth, multiplicative cut. Pure.

As TCP's congestion window (Jacobson and Karels 1988): double each clean round until the first loss, then cut once per
loss episode and grow slowly. A 429 belongs to the episode in which its request left, so a burst of 429s cuts once.
"""

from __future__ import annotations

from dataclasses import dataclass

from workers.providers.base import Limits

CUT = 0.8
GROWTH = 1.05


@dataclass(slots=True)
class Window:
    """The number of requests that may be in flight, as a float; `slots` is its floor.

    `epoch` counts 429 episodes; a permit remembers the epoch it was granted in.
    """

    size: float
    lowest: int
    highest: int
    is_slow_start: bool
    epoch: int = 0
    _clean: int = 0

    @classmethod
    def of(cls, limits: Limits) -> Window:
        """A fresh window."""
        start = min(max(limits.start, limits.lowest), limits.highest)
        return cls(float(start), limits.lowest, limits.highest, limits.slow_start)

    @property
    def slots(self) -> int:
        """Whole requests."""
        return int(self.size)

    def succeeded(self, count: int = 1) -> None:
        """Count answers given while the window was full (an idle window proves nothing and does not grow)."""
        self._clean += count
        while self._clean >= self.slots:
            self._clean -= self.slots
            if self.size >= self.highest:
                self._clean = 0
                return
            self.size = min(self.size * (2.0 if self.is_slow_start else GROWTH), float(self.highest))

    def failed(self) -> None:
        """A round with a failure is not clean."""
        self._clean = 0

    def rate_limited(self, epoch: int) -> bool:
        """A 429 for a request granted in `epoch`; True where it began a new episode (and cut the window)."""
        if epoch < self.epoch:
            return False
        self.epoch += 1
        self.size = max(self.size * CUT, float(self.lowest))
        self.is_slow_start = False
        self._clean = 0
        return True
