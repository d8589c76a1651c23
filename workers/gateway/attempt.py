"""One attempt: the books, the limiter's leave, the request, and what everyone learns from how it ended."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from workers.gateway.base import (
    AskContext,
    Budget,
    Intent,
    Ledger,
    Limiter,
    Reservation,
    Settlement,
    Signal,
    Usage,
)
from workers.gateway.breaker import Breaker
from workers.gateway.estimate import usage_of
from workers.gateway.null import NullBudget, NullLedger
from workers.gateway.retry import Effort
from workers.gateway.think import split_reasoning
from workers.gateway.transport import Transport
from workers.providers.base import Ask, Provider, Reply, Target
from workers.providers.errors import (
    AskError,
    Billed,
    BreakerOpen,
    Final,
    InvalidResponse,
    Pausing,
    RateLimited,
    Transient,
)

WALL_S = 10.0
"""How long a refused key or an empty account is taken as such without asking again: the run pauses meanwhile."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Lane:
    """What the gateway remembers of one limit key."""

    provider: Provider
    breaker: Breaker
    successes: int = 0
    wall: Pausing | None = None
    wall_until: float = 0.0

    def run_into(self, error: Pausing, now: float) -> None:
        """A refusal that every request would meet: those behind it are spared the way for a while."""
        self.wall, self.wall_until = error, now + WALL_S

    def check_wall(self, now: float) -> None:
        """Raise the refusal again, unsent, while it is fresh."""
        if self.wall is not None and now < self.wall_until:
            raise type(self.wall)(self.wall.message, status=self.wall.status)


@dataclass(frozen=True, slots=True)
class Request:
    """One item's question on its way, with everything every attempt needs."""

    target: Target
    ask: Ask
    context: AskContext
    key: str
    lane: Lane
    effort: Effort
    bound: Usage
    tokens: int


@dataclass(slots=True)
class _Outcome:
    """How one attempt ended, for the books. `billed` stays `no` until bytes may have left."""

    name: str = "cancelled"
    billed: Billed = "no"
    intent: Intent | None = None
    reply: Reply | None = None


class Attempts:
    """Makes attempts; keeps the books straight around each."""

    def __init__(
        self,
        *,
        limiter: Limiter,
        ledger: Ledger | None,
        budget: Budget | None,
        transport: Transport,
        clock: Callable[[], float],
    ) -> None:
        self._limiter, self._transport, self._clock = limiter, transport, clock
        self._ledger: Ledger = ledger or NullLedger()
        self._budget: Budget = budget or NullBudget()
        self._keeps_books = ledger is not None or budget is not None
        self._id_prefix, self._id_numbers = secrets.token_hex(8), count(1)

    async def make(self, request: Request) -> Reply:
        """One request with its books: reserve and journal before any byte leaves, settle both whatever happens."""
        if not self._keeps_books:
            return await self._send(request, _Outcome())
        reservation = await self._budget.reserve(request.context, request.bound)
        outcome = _Outcome()
        try:
            outcome.intent = self._intent(
                request
            )  # cancelled while it is written, it may stand: then it is settled
            await self._intend(outcome)
            return await self._send(request, outcome)
        finally:
            await self._close_books(reservation, outcome)

    async def _intend(self, outcome: _Outcome) -> None:
        assert outcome.intent is not None
        try:
            await self._ledger.intend(outcome.intent)
        except Exception:
            outcome.intent = None
            raise

    def _intent(self, request: Request) -> Intent:
        return Intent(
            id=f"{self._id_prefix}-{next(self._id_numbers)}",
            context=request.context,
            limit_key=request.key,
            attempt=request.effort.attempts + request.effort.pauses + 1,
            request_hash=request.ask.request_hash(),
            bound=request.bound,
        )

    async def _close_books(self, reservation: Reservation, outcome: _Outcome) -> None:
        used = None if outcome.reply is None else usage_of(outcome.reply, reservation.bound)
        if used is None and outcome.billed == "possibly":
            used = reservation.bound  # never less than what may have to be paid
        if outcome.intent is not None:
            latency = outcome.reply.latency_s if outcome.reply is not None else 0.0
            await self._ledger.settle(Settlement(outcome.intent, outcome.name, outcome.billed, used, latency))
        await self._budget.settle(reservation, used)

    async def _send(self, request: Request, outcome: _Outcome) -> Reply:
        """Wait for leave, send, and tell limiter and breaker how it went."""
        target, limiter = request.target, self._limiter
        permit = await limiter.acquire(
            request.key, target.limits, tokens=request.tokens, priority=request.context.priority
        )
        try:
            self._check_lane(request)
        except AskError as error:
            limiter.release(permit, "cancelled", tokens_used=0)
            outcome.name = error.error_class
            raise
        outcome.billed = "possibly"
        try:
            reply = await self._ask_provider(request)
        except AskError as error:
            outcome.name, outcome.billed = error.error_class, error.billed
            limiter.release(
                permit,
                _signal_of(error),
                tokens_used=0 if error.billed == "no" else None,
                retry_after=error.retry_after,
            )
            self._tell_lane(request.lane, error)
            raise
        except BaseException:
            limiter.release(permit, "cancelled")
            request.lane.breaker.abandoned()
            raise
        outcome.name, outcome.billed, outcome.reply = "answered", "yes", reply
        limiter.release(permit, "ok", tokens_used=_tokens_used(reply))
        request.lane.breaker.succeeded()
        request.lane.wall = None
        return split_reasoning(reply, opened_in_prompt=bool(target.quirks.get("think_opened")))

    def _check_lane(self, request: Request) -> None:
        """Raise where the lane learnt, while this request waited, that sending it is of no use."""
        now = self._clock()
        request.lane.check_wall(now)
        if not request.lane.breaker.enter(now):
            raise breaker_open(request.target, request.lane.breaker.wait_s(now))

    async def _ask_provider(self, request: Request) -> Reply:
        """Ask once. Whatever a provider trips over in an answer is an answer that cannot be read, never a crash."""
        try:
            return await request.lane.provider.ask(
                self._transport.sender(request.target), request.target, request.ask
            )
        except (TypeError, ValueError, LookupError, AttributeError, RecursionError) as error:
            _log.exception("provider %s could not read an answer", request.target.provider)
            raise InvalidResponse(
                f"The answer has a shape {request.target.provider} does not know ({type(error).__name__}: {error})."
            ) from error

    def _tell_lane(self, lane: Lane, error: AskError) -> None:
        if isinstance(error, Transient) and not isinstance(error, RateLimited):
            lane.breaker.failed(self._clock())
        elif isinstance(error, Final) and error.status is not None:
            lane.breaker.succeeded()  # it answered, if not what we hoped for
        else:
            lane.breaker.abandoned()
        if isinstance(error, Pausing):
            lane.run_into(error, self._clock())


def breaker_open(target: Target, wait_s: float) -> BreakerOpen:
    """The error of a request that is held back."""
    return BreakerOpen(
        f"{target.base_url} fails most requests; nothing is sent for {wait_s:.0f} s.", retry_after=wait_s
    )


def _signal_of(error: AskError) -> Signal:
    """What an error tells the limiter; one that says nothing about load counts as if it had not been sent."""
    if isinstance(error, RateLimited):
        return "rate_limited"
    return "failed" if isinstance(error, Transient) else "cancelled"


def _tokens_used(reply: Reply) -> int | None:
    if reply.tokens_in is None or reply.tokens_out is None:
        return None
    return reply.tokens_in + reply.tokens_out
