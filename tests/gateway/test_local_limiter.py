"""The limiter of one process: order, cancellation, pauses, patience."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from workers.gateway.base import Permit
from workers.gateway.limiter.local import LocalLimiter
from workers.providers.base import Limits
from workers.providers.errors import RateLimited

KEY = "openai_chat|http://x|-|m"
TWO = Limits.fixed(2)


@pytest.fixture
async def limiter() -> AsyncIterator[LocalLimiter]:
    one = LocalLimiter(patience_s=1.0)
    yield one
    await one.close()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_no_more_than_the_window_at_once(limiter: LocalLimiter) -> None:
    inside = most = 0

    async def one() -> None:
        nonlocal inside, most
        permit = await limiter.acquire(KEY, TWO)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        limiter.release(permit, "ok")

    await asyncio.gather(*(one() for _ in range(50)))
    assert most == 2
    assert limiter.state(KEY).in_flight == 0


async def test_first_come_first_served_within_a_priority(limiter: LocalLimiter) -> None:
    held = [await limiter.acquire(KEY, TWO) for _ in range(2)]
    order: list[str] = []

    async def one(name: str, priority: int) -> None:
        permit = await limiter.acquire(KEY, TWO, priority=priority)
        order.append(name)
        limiter.release(permit, "ok")

    tasks = []
    for name, priority in (("a", 1), ("b", 1), ("practice", 0), ("c", 2)):
        tasks.append(asyncio.create_task(one(name, priority)))
        await settle()
    for permit in held:
        limiter.release(permit, "ok")
    await asyncio.gather(*tasks)
    assert order == ["practice", "a", "b", "c"]


async def test_a_cancelled_waiter_takes_no_place(limiter: LocalLimiter) -> None:
    held = [await limiter.acquire(KEY, TWO) for _ in range(2)]
    waiter = asyncio.create_task(limiter.acquire(KEY, TWO))
    await settle()
    waiter.cancel()
    await settle()
    assert limiter.state(KEY).waiting == 0
    for permit in held:
        limiter.release(permit, "ok")
    assert limiter.state(KEY).in_flight == 0


async def test_a_waiter_cancelled_just_as_it_is_granted_gives_the_permit_back(limiter: LocalLimiter) -> None:
    held = [await limiter.acquire(KEY, TWO) for _ in range(2)]
    waiter = asyncio.create_task(limiter.acquire(KEY, TWO))
    await settle()
    limiter.release(held[0], "ok")
    waiter.cancel()
    await settle()
    limiter.release(held[1], "ok")
    assert limiter.state(KEY).in_flight == 0
    await asyncio.wait_for(limiter.acquire(KEY, TWO), 1.0)


async def test_a_429_rests_the_whole_key_for_as_long_as_the_server_says(limiter: LocalLimiter) -> None:
    permit = await limiter.acquire(KEY, TWO)
    limiter.release(permit, "rate_limited", retry_after=0.2)
    before = asyncio.get_running_loop().time()
    await limiter.acquire(KEY, TWO)
    assert asyncio.get_running_loop().time() - before >= 0.19


async def test_a_rest_beyond_our_patience_parks_those_who_come_and_those_who_wait(
    limiter: LocalLimiter,
) -> None:
    held: list[Permit] = [await limiter.acquire(KEY, TWO) for _ in range(2)]
    waiter = asyncio.create_task(limiter.acquire(KEY, TWO))
    await settle()
    limiter.release(held[0], "rate_limited", retry_after=120.0)
    with pytest.raises(RateLimited) as caught:
        await waiter
    assert caught.value.verdict == "park"
    assert caught.value.retry_after == pytest.approx(120.0, abs=1.0)
    with pytest.raises(RateLimited):
        await limiter.acquire(KEY, TWO)


async def test_other_keys_are_not_touched(limiter: LocalLimiter) -> None:
    permit = await limiter.acquire(KEY, TWO)
    limiter.release(permit, "rate_limited", retry_after=120.0)
    await asyncio.wait_for(limiter.acquire("another|key", TWO), 1.0)


async def test_requests_per_minute_hold_requests_back(limiter: LocalLimiter) -> None:
    limits = Limits(start=50, highest=50, requests_per_minute=1200)  # bursts of 60, then 19 a second
    start = asyncio.get_running_loop().time()
    for _ in range(64):
        limiter.release(await limiter.acquire(KEY, limits), "ok")
    assert 0.15 < asyncio.get_running_loop().time() - start < 1.0


async def test_tokens_are_corrected_by_what_was_used(limiter: LocalLimiter) -> None:
    limits = Limits(tokens_per_minute=12_000)  # a bucket of 600
    for _ in range(20):
        permit = await asyncio.wait_for(limiter.acquire(KEY, limits, tokens=500), 1.0)
        limiter.release(permit, "ok", tokens_used=10)


async def test_changed_limits_take_hold_when_the_key_is_idle(limiter: LocalLimiter) -> None:
    permit = await limiter.acquire(KEY, TWO)
    limiter.release(permit, "ok")
    await limiter.acquire(KEY, Limits.fixed(5))
    assert limiter.state(KEY).concurrency == 5


async def test_state_tells_what_the_page_shows(limiter: LocalLimiter) -> None:
    await limiter.acquire(KEY, TWO)
    state = limiter.state(KEY)
    assert (state.concurrency, state.in_flight, state.waiting, state.degraded) == (2.0, 1, 0, "")
