"""Journal and budget: nothing leaves before its intent stands, nothing stays reserved, every possible bill is on record."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from workers.gateway.base import AskContext, Intent, Reservation, Settlement, Usage
from workers.gateway.estimate import estimate
from workers.gateway.gateway import Gateway
from workers.gateway.retry import RetryPolicy
from workers.providers.base import Ask, Limits, Target
from workers.providers.errors import AskError, BudgetExhausted
from workers.providers.mock_faults import parse_faults
from workers.providers.mock_server import MockState

CONTEXT = AskContext(run="7", item="q1", repeat=2, tag="shard 3, fence 1")
QUICK = RetryPolicy(shortest_s=0.001, longest_s=0.01)


class Books:
    """A ledger and a budget that remember; the budget has an end."""

    def __init__(self, state: MockState, budget: int = 1_000_000) -> None:
        self.state, self.left = state, budget
        self.intents: list[Intent] = []
        self.sent_at_intent: list[int] = []
        self.settled: list[Settlement] = []
        self.reserved = 0
        self.spent = 0
        self.intend_error: Exception | None = None

    async def intend(self, intent: Intent) -> None:
        if self.intend_error is not None:
            raise self.intend_error
        await asyncio.sleep(0.01)  # a commit
        self.intents.append(intent)
        self.sent_at_intent.append(self.state.counts["requests"])

    async def reserve(self, context: AskContext, bound: Usage) -> Reservation:
        if self.left - self.reserved - self.spent < bound.total:
            raise BudgetExhausted("The run's budget is spent. Raise it, then resume.")
        self.reserved += bound.total
        return Reservation(bound)

    async def settle(self, what: Any, used: Usage | None = None) -> None:
        if isinstance(what, Settlement):
            self.settled.append(what)
            return
        self.reserved -= what.bound.total
        self.spent += used.total if used else 0


def gateway_with(books: Books) -> Gateway:
    return Gateway(ledger=books, budget=books, policy=QUICK)


async def test_the_intent_stands_before_the_bytes_leave(target: Target, state: MockState, ask: Ask) -> None:
    books = Books(state)
    async with gateway_with(books) as gateway:
        reply = await gateway.ask(target, ask, context=CONTEXT)
    (intent,), (settled,) = books.intents, books.settled
    assert books.sent_at_intent == [0]
    assert intent.context.tag == "shard 3, fence 1"
    assert intent.request_hash == ask.request_hash()
    assert (settled.intent, settled.outcome, settled.billed) == (intent, "answered", "yes")
    assert settled.usage == Usage(reply.tokens_in or 0, reply.tokens_out or 0)
    assert (books.reserved, books.spent) == (0, settled.usage.total if settled.usage else None)


@pytest.mark.parametrize(
    ("fault", "outcome", "billed"),
    [
        ("429=60", "rate_limited", "no"),
        ("401", "auth_refused", "no"),
        ("400", "invalid_request", "no"),
        ("500", "server_error", "possibly"),
        ("reset", "connection_lost", "possibly"),
        ("malformed", "invalid_response", "possibly"),
    ],
)
async def test_every_attempt_is_settled_with_what_it_may_have_cost(
    fault: str, outcome: str, billed: str, target: Target, state: MockState, ask: Ask
) -> None:
    state.faults = parse_faults(fault)
    books = Books(state)
    async with gateway_with(books) as gateway:
        with pytest.raises(AskError):
            await gateway.ask(target, ask, context=CONTEXT)
    assert len(books.intents) == len(books.settled) == state.counts["requests"]
    assert {(one.outcome, one.billed) for one in books.settled} == {(outcome, billed)}
    assert len({intent.id for intent in books.intents}) == len(books.intents)
    assert [intent.attempt for intent in books.intents] == list(range(1, len(books.intents) + 1))
    assert books.reserved == 0
    assert (books.spent > 0) == (billed == "possibly")


async def test_an_exhausted_budget_sends_nothing_and_pauses(
    target: Target, state: MockState, ask: Ask
) -> None:
    books = Books(state, budget=10)
    async with gateway_with(books) as gateway:
        with pytest.raises(BudgetExhausted) as caught:
            await gateway.ask(target, ask, context=CONTEXT)
    assert caught.value.verdict == "pause"
    assert (state.counts["requests"], books.intents) == (0, [])


async def test_many_at_once_never_overrun_the_budget(target: Target, state: MockState, ask: Ask) -> None:
    bound, _ = estimate(ask, target)
    books = Books(state, budget=bound.total * 3)
    wide = dataclasses.replace(target, limits=Limits.fixed(32))
    async with gateway_with(books) as gateway:
        tasks = [gateway.ask(wide, dataclasses.replace(ask, seed=n), context=CONTEXT) for n in range(32)]
        await asyncio.gather(*tasks, return_exceptions=True)
    assert books.spent <= books.left
    assert books.reserved == 0


async def test_a_journal_that_cannot_write_stops_the_request_and_frees_its_money(
    target: Target, state: MockState, ask: Ask
) -> None:
    books = Books(state)
    books.intend_error = ConnectionError("database is away")
    async with gateway_with(books) as gateway:
        with pytest.raises(ConnectionError):
            await gateway.ask(target, ask, context=CONTEXT)
        assert gateway.limiter_state(target).in_flight == 0
    assert (state.counts["requests"], books.reserved, books.spent, books.settled) == (0, 0, 0, [])


async def test_cancelled_while_the_intent_is_written_it_is_settled_as_unsent(
    target: Target, state: MockState, ask: Ask
) -> None:
    books = Books(state)
    async with gateway_with(books) as gateway:
        task = asyncio.create_task(gateway.ask(target, ask, context=CONTEXT))
        await asyncio.sleep(0.002)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [(one.outcome, one.billed) for one in books.settled] == [("cancelled", "no")]
    assert (state.counts["requests"], books.reserved, books.spent) == (0, 0, 0)


async def test_cancelled_while_waiting_costs_nothing_and_cancelled_in_flight_may_cost(
    target: Target, state: MockState, ask: Ask
) -> None:
    state.faults = parse_faults("hang")
    books, one = Books(state), dataclasses.replace(target, limits=Limits.fixed(1))
    async with gateway_with(books) as gateway:
        flying = asyncio.create_task(gateway.ask(one, ask, context=CONTEXT))
        await asyncio.sleep(0.1)
        waiting = asyncio.create_task(gateway.ask(one, dataclasses.replace(ask, seed=1), context=CONTEXT))
        await asyncio.sleep(0.1)
        for task in (waiting, flying):
            task.cancel()
        await asyncio.gather(flying, waiting, return_exceptions=True)
    assert {(settled.outcome, settled.billed) for settled in books.settled} == {
        ("cancelled", "possibly"),
        ("cancelled", "no"),
    }
    assert books.reserved == 0


async def test_a_cache_hit_reserves_nothing(target: Target, state: MockState, ask: Ask) -> None:
    class Remembers:
        kept: dict[str, Any] = {}

        async def get(self, key: str) -> Any:
            return self.kept.get(key)

        async def put(self, key: str, reply: Any) -> None:
            self.kept[key] = reply

        async def close(self) -> None: ...

    books = Books(state)
    async with Gateway(ledger=books, budget=books, cache=Remembers()) as gateway:
        first = await gateway.ask(target, ask, context=CONTEXT)
        second = await gateway.ask(target, ask, context=CONTEXT)
    assert second == dataclasses.replace(first, from_cache=True)
    assert len(books.intents) == 1


@pytest.mark.parametrize(
    "ask",
    [
        Ask("chat", messages=({"role": "user", "content": "abc 你好"},), max_tokens=7),
        Ask("letters", prompt="x" * 400, letters=(" A", " B")),
        Ask("completion", prompt="问" * 50),
    ],
)
async def test_the_bound_is_never_below_what_is_used(ask: Ask, target: Target, state: MockState) -> None:
    bound, likely = estimate(ask, target)
    words = ask.prompt or "".join(str(message["content"]) for message in ask.messages)
    assert bound.tokens_in >= len(words.encode())
    assert bound.tokens_out >= (ask.max_tokens or 1)
    assert 0 < likely <= bound.total
