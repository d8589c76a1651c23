"""The gateway: an Ask goes in, a Reply or a settled error comes out; limits, retries, books and guards are its business."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from evalhub.registry import Registry, UnknownEntry
from workers.gateway.attempt import Attempts, Lane, Request, breaker_open
from workers.gateway.base import AnswerCache, AskContext, Budget, Ledger, Limiter, LimiterState
from workers.gateway.breaker import Breaker
from workers.gateway.cache_key import content_key
from workers.gateway.estimate import estimate
from workers.gateway.limiter.local import LocalLimiter
from workers.gateway.null import NullCache
from workers.gateway.retry import Effort, RetryPolicy, decide, note
from workers.gateway.transport import Transport
from workers.providers.base import Ask, Provider, Reply, Target
from workers.providers.errors import AskError, BreakerOpen, Final, ModelMissing
from workers.providers.registry import CATALOGUE


class Gateway:
    """See AskGateway. Belongs to one event loop; use it as an async context, or `close` it.

    Whatever touches the outside is injected: clock, sleep and randomness for tests, limiter, cache, ledger and budget for
    those who keep them.
    """

    def __init__(
        self,
        *,
        limiter: Limiter | None = None,
        cache: AnswerCache | None = None,
        ledger: Ledger | None = None,
        budget: Budget | None = None,
        policy: RetryPolicy | None = None,
        catalogue: Registry[Provider] = CATALOGUE,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self._policy = policy or RetryPolicy()
        self._limiter: Limiter = limiter or LocalLimiter(patience_s=self._policy.patience_s)
        self._cache: AnswerCache = cache or NullCache()
        self._catalogue, self._transport = catalogue, transport or Transport()
        self._clock, self._sleep = clock, sleep
        self._rng = rng or random.Random()  # noqa: S311  # jitter, not secrets
        self._lanes: dict[str, Lane] = {}
        self._attempts = Attempts(
            limiter=self._limiter, ledger=ledger, budget=budget, transport=self._transport, clock=clock
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give back leases, flush the cache, close sessions."""
        await self._limiter.close()
        await self._cache.close()
        await self._transport.close()

    def limiter_state(self, target: Target) -> LimiterState:
        """How the target's limiter stands, for the live page."""
        return self._limiter.state(target.limit_key)

    async def ask(self, target: Target, ask: Ask, *, context: AskContext) -> Reply:
        """The reply, after whatever limits, retries and waits it takes. Raises AskError with a settled verdict."""
        cache_key = ""
        if context.use_cache and not context.held_out and not isinstance(self._cache, NullCache):
            cache_key = content_key(target, ask, context)
            if (known := await self._cache.get(cache_key)) is not None:
                return dataclasses.replace(known, from_cache=True)
        reply = await self._ask_until_settled(self._request(target, ask, context))
        if cache_key:
            await self._cache.put(cache_key, reply)
        return reply

    def _request(self, target: Target, ask: Ask, context: AskContext) -> Request:
        key = target.limit_key
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(self._provider(target), Breaker())
        effort = Effort(self._clock(), context.attempts_before, successes_before=lane.successes)
        bound, tokens = estimate(ask, target)
        return Request(target, ask, context, key, lane, effort, bound, tokens)

    def _provider(self, target: Target) -> Provider:
        try:
            return self._catalogue.get(target.provider)
        except UnknownEntry as error:
            raise ModelMissing(f"{error} Correct the endpoint's provider.") from None

    async def _ask_until_settled(self, request: Request) -> Reply:
        while True:
            try:
                await self._wait_for_breaker(request)
                reply = await self._attempts.make(request)
            except AskError as error:
                await self._sleep(self._settle(request, error))
            else:
                request.lane.successes += 1
                attempts = request.effort.attempts + 1
                return reply if attempts == 1 else dataclasses.replace(reply, attempts=attempts)

    def _settle(self, request: Request, error: AskError) -> float:
        """Seconds to wait before the next attempt; raises the error with its settled verdict where there is none."""
        effort = request.effort
        if isinstance(error, BreakerOpen) and error.verdict == "retry":
            return 0.0  # _wait_for_breaker knows how long, and when to give up
        if error.verdict == "retry" or isinstance(error, Final):
            note(effort, error)
            decision = decide(
                self._policy,
                effort,
                error,
                now=self._clock(),
                successes=request.lane.successes,
                is_down=request.lane.breaker.is_open,
                rng=self._rng,
            )
            if decision.verdict == "retry":
                return decision.wait_s
            error.verdict = decision.verdict
            if decision.verdict == "park":
                error.retry_after = decision.wait_s
        error.attempts = effort.attempts
        raise error

    async def _wait_for_breaker(self, request: Request) -> None:
        """Wait while the breaker is open; raises Overloaded (park) where that takes longer than our patience."""
        waited = 0.0
        while (wait := request.lane.breaker.wait_s(self._clock())) > 0.0:
            if wait > self._policy.patience_s or waited > self._policy.patience_s:
                error = breaker_open(request.target, wait)
                error.verdict = "park"
                raise error
            await self._sleep(wait)
            waited += wait
