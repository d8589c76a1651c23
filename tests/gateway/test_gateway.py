"""The whole way of a request, against the mock server: answers, faults, retries, pauses."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from evalhub.registry import Entry, Registry
from workers.gateway.base import AskContext
from workers.gateway.gateway import Gateway
from workers.gateway.retry import RetryPolicy
from workers.providers.base import Ask, Capabilities, Limits, Reply, Target
from workers.providers.errors import AskError, InvalidResponse, Overloaded, RateLimited, ServerError
from workers.providers.mock_answers import MockBrain
from workers.providers.mock_faults import parse_faults
from workers.providers.mock_server import MockState

CONTEXT = AskContext(run="1", item="q1")
QUICK = RetryPolicy(shortest_s=0.001, longest_s=0.01)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway(policy=QUICK) as one:
        yield one


def question(text: str) -> Ask:
    return Ask("chat", messages=({"role": "user", "content": text},))


async def test_the_answer_is_the_mocks_truth(gateway: Gateway, target: Target, ask: Ask) -> None:
    reply = await gateway.ask(target, ask, context=CONTEXT)
    assert reply.text == MockBrain().answer({"messages": list(ask.messages)})
    assert (reply.finish_reason, reply.model_reported, reply.fingerprint) == ("stop", "mock", "mock-1")
    assert reply.tokens_in == 24 // 4
    assert reply.latency_s > 0.0
    assert reply.attempts == 1


@pytest.mark.parametrize(
    ("fault", "error_class", "verdict", "requests"),
    [
        ("quota", "quota_exhausted", "pause", 1),
        ("402", "quota_exhausted", "pause", 1),
        ("401", "auth_refused", "pause", 1),
        ("403", "auth_refused", "pause", 1),
        ("404", "model_missing", "pause", 1),
        ("400", "invalid_request", "final", 1),
        ("413", "too_large", "final", 1),
        ("filter", "content_filtered", "final", 1),
        ("filtered", "content_filtered", "final", 1),
        ("redirect", "egress_refused", "final", 1),
        ("huge=9", "too_large", "final", 1),
        ("malformed", "invalid_response", "final", 2),
        ("html", "invalid_response", "final", 2),
        ("nochoices", "invalid_response", "final", 2),
        ("nan", "invalid_response", "final", 2),
        ("500", "server_error", "final", 6),
        ("502", "server_error", "final", 6),
        ("503", "overloaded", "final", 6),
        ("529", "overloaded", "final", 6),
        ("reset", "connection_lost", "final", 6),
        ("cut", "connection_lost", "final", 6),
        ("429=60", "rate_limited", "park", 1),
    ],
)
async def test_every_fault_ends_typed_and_within_its_requests(
    fault: str,
    error_class: str,
    verdict: str,
    requests: int,
    gateway: Gateway,
    target: Target,
    state: MockState,
    ask: Ask,
) -> None:
    state.faults = parse_faults(fault)
    with pytest.raises(AskError) as caught:
        await gateway.ask(target, ask, context=CONTEXT)
    assert (caught.value.error_class, caught.value.verdict) == (error_class, verdict)
    assert state.counts["requests"] == requests
    assert "sk-secret" not in caught.value.message + caught.value.raw_head
    assert gateway.limiter_state(target).in_flight == 0


@pytest.mark.parametrize(
    ("fault", "text", "finish"), [("empty", "", "stop"), ("null", "", "stop"), ("think", "", "length")]
)
async def test_odd_but_whole_answers_are_answers(
    fault: str, text: str, finish: str, gateway: Gateway, target: Target, state: MockState, ask: Ask
) -> None:
    state.faults = parse_faults(fault)
    reply = await gateway.ask(target, ask, context=CONTEXT)
    assert (reply.text, reply.finish_reason) == (text, finish)


@pytest.mark.parametrize("fault", ["500#1-2", "reset#1-2", "429=0.01#1-2", "malformed#1", "503#1-5"])
async def test_what_passes_is_retried_to_an_answer(
    fault: str, gateway: Gateway, target: Target, state: MockState, ask: Ask
) -> None:
    state.faults = parse_faults(fault)
    reply = await gateway.ask(target, ask, context=CONTEXT)
    assert reply.text.startswith("Answer: ")
    failures = sum(count for name, count in state.counts.items() if name.startswith("fault_"))
    assert state.counts["requests"] == failures + 1
    assert reply.attempts == (1 if fault.startswith("429") else failures + 1)


async def test_a_thousand_seeded_faults_lose_nothing(
    gateway: Gateway, target: Target, state: MockState
) -> None:
    state.faults = parse_faults("429=0.01:0.03,500:0.05,reset:0.03,cut:0.02,503:0.03")
    wide = dataclasses.replace(target, limits=Limits(start=32, highest=32))
    asks = [question(f"Question {number}\nA. x\nB. y") for number in range(400)]
    replies = await asyncio.gather(*(gateway.ask(wide, ask, context=CONTEXT) for ask in asks))
    brain = MockBrain()
    assert [reply.text for reply in replies] == [
        brain.answer({"messages": list(ask.messages)}) for ask in asks
    ]
    assert state.counts["requests"] > 440
    assert state.books()["duplicates"] == 0
    assert state.books()["distinct_answered"] == 400


async def test_a_poisoned_prompt_is_final_after_five_while_others_succeed(
    target: Target, state: MockState
) -> None:
    state.faults = parse_faults("500~poison")
    async with Gateway(policy=RetryPolicy(shortest_s=0.05, longest_s=0.05)) as gateway:
        poisoned = asyncio.create_task(gateway.ask(target, question("poison"), context=CONTEXT))
        for number in range(20):
            await gateway.ask(target, question(f"fine {number}"), context=CONTEXT)
        with pytest.raises(ServerError) as caught:
            await poisoned
    assert caught.value.verdict == "final"
    assert state.counts["fault_500"] == 5


async def test_a_dead_endpoint_opens_the_breaker_and_costs_no_item(target: Target, state: MockState) -> None:
    state.faults = parse_faults("500")
    async with Gateway(policy=RetryPolicy(shortest_s=0.001, longest_s=0.002, patience_s=0.5)) as gateway:
        tasks = [gateway.ask(target, question(f"q{number}"), context=CONTEXT) for number in range(40)]
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    verdicts = {error.verdict for error in ends if isinstance(error, AskError)}
    assert all(isinstance(error, AskError) for error in ends)
    assert verdicts <= {"park", "pause"}
    assert state.counts["requests"] <= 20
    parked = next(error for error in ends if isinstance(error, Overloaded))
    assert parked.retry_after


async def test_the_breaker_closes_when_the_endpoint_comes_back(target: Target, state: MockState) -> None:
    state.faults = parse_faults("500#1-10")
    slept: list[float] = []
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds
        await asyncio.sleep(0)

    async with Gateway(clock=lambda: now, sleep=sleep) as gateway:
        tasks = [gateway.ask(target, question(f"q{number}"), context=CONTEXT) for number in range(10)]
        replies = await asyncio.gather(*tasks)
    assert len(replies) == 10
    assert state.counts["requests"] <= 20


@pytest.mark.parametrize("fault", ["401", "quota", "404"])
async def test_a_wall_is_run_into_by_those_in_flight_only(
    fault: str, gateway: Gateway, target: Target, state: MockState
) -> None:
    state.faults, state.latency_s = parse_faults(fault), 0.02
    tasks = [gateway.ask(target, question(f"q{number}"), context=CONTEXT) for number in range(60)]
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(error, AskError) and error.verdict == "pause" for error in ends)
    assert state.counts["requests"] == 4
    state.faults = ()
    reply = await gateway.ask(dataclasses.replace(target, api_key="sk-new"), question("q"), context=CONTEXT)
    assert reply.text


async def test_one_429_holds_the_others_back_too(gateway: Gateway, target: Target, state: MockState) -> None:
    state.faults = parse_faults("429=0.3#1")
    one = dataclasses.replace(target, limits=Limits.fixed(1))
    loop = asyncio.get_running_loop()
    before = loop.time()
    await asyncio.gather(*(gateway.ask(one, question(f"q{n}"), context=CONTEXT) for n in range(5)))
    assert loop.time() - before >= 0.3
    assert state.counts["requests"] == 6
    assert gateway.limiter_state(one).episodes == 1


async def test_those_who_wait_are_parked_when_the_server_wants_a_long_rest(
    gateway: Gateway, target: Target, state: MockState
) -> None:
    state.faults = parse_faults("429=500#1-4")
    tasks = [gateway.ask(target, question(f"q{number}"), context=CONTEXT) for number in range(20)]
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(error, RateLimited) and error.verdict == "park" for error in ends)
    assert all((error.retry_after or 0) > 400 for error in ends if isinstance(error, RateLimited))
    assert state.counts["requests"] == 4


class Clumsy:
    """A provider with a fault of its own."""

    capabilities = Capabilities()

    async def ask(self, send: Any, target: Target, ask: Ask) -> Reply:
        return Reply({}["choices"])


CLUMSY = Clumsy()


async def test_a_provider_that_stumbles_never_crashes_the_shard(
    target: Target, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    import sys

    sys.modules["clumsy_for_test"] = sys.modules[__name__]
    catalogue: Registry[Any] = Registry("provider", {"clumsy": Entry("Clumsy", "clumsy_for_test.CLUMSY")})
    async with Gateway(catalogue=catalogue, policy=QUICK) as gateway:
        with caplog.at_level(logging.CRITICAL), pytest.raises(InvalidResponse, match="KeyError"):
            await gateway.ask(dataclasses.replace(target, provider="clumsy"), ask, context=CONTEXT)
    del sys.modules["clumsy_for_test"]


async def test_an_unknown_provider_pauses_the_run_with_the_cure(
    gateway: Gateway, target: Target, ask: Ask
) -> None:
    with pytest.raises(AskError, match="Did you mean 'openai_chat'") as caught:
        await gateway.ask(dataclasses.replace(target, provider="openai_chatt"), ask, context=CONTEXT)
    assert caught.value.verdict == "pause"


async def test_the_mock_provider_needs_no_server(gateway: Gateway, ask: Ask) -> None:
    inside = Target("mock", "http://mock.invalid/v1", "mock")
    reply = await gateway.ask(inside, ask, context=CONTEXT)
    assert reply.text == MockBrain().answer({"messages": list(ask.messages)})


@pytest.mark.parametrize("fault", ["500", "429=60", "reset", "huge", "malformed", "401"])
async def test_the_mock_provider_fails_as_the_server_does(fault: str, gateway: Gateway, ask: Ask) -> None:
    inside = Target("mock", "http://mock.invalid/v1", "mock", quirks={"faults": fault})
    with pytest.raises(AskError):
        await gateway.ask(inside, ask, context=CONTEXT)


async def test_close_gives_everything_back(target: Target, ask: Ask) -> None:
    gateway = Gateway()
    await gateway.ask(target, ask, context=CONTEXT)
    await gateway.close()
    await gateway.close()
