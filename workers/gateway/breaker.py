"""The breaker in front of one endpoint: open once more than half of the last 50 requests failed. Pure.

It judges from the tenth request on, so that a server that never came up costs ten requests and not fifty.

Failures are the endpoint's (5xx, resets, deadlines, overload), not the item's and not rate limits. While open
nothing is sent; after the cool-down one request probes: if it succeeds the breaker closes with a clean slate, if it
fails the cool-down doubles.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW = 50
LEAST = 10
SHARE = 0.5
PROBE_S = 1.0
"""How long the others wait before they look again whether the probe came back."""


@dataclass(slots=True)
class Breaker:
    """Times are seconds of any monotonic clock."""

    first_cooldown_s: float = 5.0
    longest_cooldown_s: float = 60.0
    _last: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _failed: int = 0
    _open_until: float | None = None
    _cooldown_s: float = 0.0
    _is_probing: bool = False

    def wait_s(self, now: float) -> float:
        """Seconds until it makes sense to try, 0 for now."""
        if self._open_until is None:
            return 0.0
        if now < self._open_until:
            return self._open_until - now
        return PROBE_S if self._is_probing else 0.0

    def enter(self, now: float) -> bool:
        """Whether this request may leave now; the first after the cool-down becomes the probe."""
        if self._open_until is None:
            return True
        if self._is_probing or now < self._open_until:
            return False
        self._is_probing = True
        return True

    @property
    def is_open(self) -> bool:
        """Whether requests are being held back."""
        return self._open_until is not None

    def succeeded(self) -> None:
        """A request was answered."""
        if self._open_until is not None:
            self._last.clear()
            self._failed, self._open_until, self._is_probing = 0, None, False
        self._note(False)

    def failed(self, now: float) -> None:
        """A request failed through the endpoint's fault."""
        self._note(True)
        if self._open_until is not None:
            if self._is_probing:
                self._open(now, min(self._cooldown_s * 2, self.longest_cooldown_s))
        elif len(self._last) >= LEAST and self._failed > len(self._last) * SHARE:
            self._open(now, self.first_cooldown_s)

    def abandoned(self) -> None:
        """A request ended without telling anything about the endpoint (cancelled, rate limited, refused)."""
        self._is_probing = False

    def _open(self, now: float, cooldown: float) -> None:
        self._cooldown_s, self._open_until, self._is_probing = cooldown, now + cooldown, False

    def _note(self, is_failure: bool) -> None:
        if len(self._last) == WINDOW:
            self._failed -= self._last[0]
        self._last.append(is_failure)
        self._failed += is_failure
