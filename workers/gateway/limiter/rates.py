"""A token bucket that never lets more than its rate through in any minute. Pure.

A bucket of capacity C refilled at r a second lets fewer than C + 60 r units through in any 60 s. C is a twentieth of the
limit L and r = (L - C + 1) / 60, so whole units stay within L.
"""

from __future__ import annotations

from dataclasses import dataclass

BURST = 20
MINUTE_S = 60.0


@dataclass(slots=True)
class Bucket:
    """Units left now; may be in debt, as a request larger than the bucket passes once the bucket is not empty."""

    capacity: float
    per_s: float
    level: float
    at: float

    @classmethod
    def per_minute(cls, limit: int | None, now: float) -> Bucket | None:
        """A full bucket for `limit` units a minute; None where there is no limit."""
        if limit is None:
            return None
        capacity = float(max(1, limit // BURST))
        return cls(capacity, (limit - capacity + 1) / MINUTE_S, capacity, now)

    def wait_s(self, units: float, now: float) -> float:
        """Seconds until `units` may be taken, 0 for at once."""
        self._refill(now)
        short = min(units, self.capacity) - self.level
        return 0.0 if short <= 1e-9 else short / self.per_s

    def take(self, units: float, now: float) -> None:
        """Take `units`; negative gives back what was estimated too high."""
        self._refill(now)
        self.level = min(self.level - units, self.capacity)

    def _refill(self, now: float) -> None:
        if now > self.at:
            self.level = min(self.capacity, self.level + (now - self.at) * self.per_s)
            self.at = now
