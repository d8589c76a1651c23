"""The gateway's promises to its callers, and what it wants from those who keep limits, money, journal and cache.

Nothing here knows a database: the limiter, the cache, the ledger and the budget are handed in, each with a Null twin
(null.py) for whoever needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from workers.providers.base import Ask, Limits, Reply, Target


@dataclass(frozen=True, slots=True)
class AskContext:
    """On whose behalf a request goes out. The gateway reads `repeat`, `renderer`, `held_out`, `priority`, `attempts_before`.

    `run` and `item` name the work for journal and budget, `tag` is handed through to both untouched (a shard and its
    fence, say). A lower `priority` goes first. `attempts_before` are requests already counted against the item.
    `held_out` keeps the answer out of the cache, both ways.
    """

    run: str = ""
    item: str = ""
    repeat: int = 0
    renderer: int = 1
    priority: int = 1
    held_out: bool = False
    use_cache: bool = True
    attempts_before: int = 0
    tag: Any = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request: an upper bound when reserving, the true count when settling."""

    tokens_in: int
    tokens_out: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.tokens_in + self.tokens_out


Signal = Literal["ok", "rate_limited", "failed", "cancelled"]


@dataclass(slots=True)
class Permit:
    """Leave to have one request in flight; must be given back by `release` exactly once. `epoch` is the 429 episode."""

    key: str
    tokens: int
    epoch: int
    granted_at: float


@dataclass(frozen=True, slots=True)
class LimiterState:
    """The limiter of one key as the live page shows it. `degraded` says why sharing does not work right now, else ''."""

    key: str
    concurrency: float
    in_flight: int
    waiting: int
    blocked_s: float = 0.0
    episodes: int = 0
    degraded: str = ""


class Limiter(Protocol):
    """Says when the next request of a key may leave."""

    async def acquire(self, key: str, limits: Limits, *, tokens: int = 0, priority: int = 1) -> Permit:
        """Wait for a permit; `tokens` is the estimate charged against tokens per minute.

        Raises RateLimited (verdict `park`) where a 429's pause is longer than the limiter's patience.
        """
        ...

    def release(
        self,
        permit: Permit,
        signal: Signal,
        *,
        tokens_used: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Give the permit back with what happened; corrects the token estimate. Never blocks, never raises."""
        ...

    def state(self, key: str) -> LimiterState:
        """How the key stands."""
        ...

    async def close(self) -> None:
        """Give back whatever is leased."""
        ...


class AnswerCache(Protocol):
    """Replies by content key. Only whole answers are put; a cache that fails behaves as an empty one."""

    async def get(self, key: str) -> Reply | None: ...

    async def put(self, key: str, reply: Reply) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Intent:
    """One paid request about to leave. `id` is unique; `request_hash` is `Ask.request_hash()`; `bound` its upper bound."""

    id: str
    context: AskContext
    limit_key: str
    attempt: int
    request_hash: str
    bound: Usage


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an intent ended. `outcome` is `answered` or an error_class.

    `billed`: `yes` (answered), `no` (refused or never sent), `possibly` (it may have been worked on: timeout, cut, 5xx).
    """

    intent: Intent
    outcome: str
    billed: Literal["yes", "no", "possibly"]
    usage: Usage | None = None
    latency_s: float = 0.0


class Ledger(Protocol):
    """The journal of paid requests. May group: many callers wait in `intend` for one commit."""

    async def intend(self, intent: Intent) -> None:
        """Returns only when the intent is committed; the bytes leave after that."""
        ...

    async def settle(self, settlement: Settlement) -> None:
        """Note the end; may be written later. An intent never settled counts as possibly billed."""
        ...


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money and tokens set aside for one request; `detail` belongs to the budget that made it."""

    bound: Usage
    detail: Mapping[str, Any] = field(default_factory=dict)


class Budget(Protocol):
    """Spent + reserved never exceeds the budget."""

    async def reserve(self, context: AskContext, bound: Usage) -> Reservation:
        """Set `bound` aside by one atomic update. Raises BudgetExhausted."""
        ...

    async def settle(self, reservation: Reservation, used: Usage | None) -> None:
        """Turn the reservation into what was used; None frees it all (nothing was billed)."""
        ...


class AskGateway(Protocol):
    """What the claim loop holds."""

    async def ask(self, target: Target, ask: Ask, *, context: AskContext) -> Reply:
        """The reply, after whatever limits, retries and waits it takes. Raises AskError with a settled verdict."""
        ...

    async def close(self) -> None:
        """Close sessions, give back leases, flush the cache."""
        ...
