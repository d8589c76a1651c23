"""The answer cache: what is answered from memory, what never is, and a file that fails."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import pytest

from workers.gateway.base import AskContext
from workers.gateway.cache_key import content_key
from workers.gateway.gateway import Gateway
from workers.gateway.sqlite_cache import SqliteCache, pack, unpack
from workers.providers.base import Ask, Reply, Target
from workers.providers.errors import AskError
from workers.providers.mock_faults import parse_faults
from workers.providers.mock_server import MockState

CONTEXT = AskContext(run="1", item="q1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "answers.sqlite"


async def ask_twice(path: Path, target: Target, ask: Ask, second: AskContext) -> Reply:
    """Ask, then ask again through another gateway over the same file; the second reply."""
    async with Gateway(cache=SqliteCache(path)) as gateway:
        await gateway.ask(target, ask, context=CONTEXT)
    async with Gateway(cache=SqliteCache(path)) as gateway:
        return await gateway.ask(target, ask, context=second)


async def test_the_same_question_is_answered_from_the_file(
    path: Path, target: Target, state: MockState, ask: Ask
) -> None:
    reply = await ask_twice(path, target, ask, AskContext(run="2", item="other"))
    assert reply.from_cache
    assert state.counts["requests"] == 1


@pytest.mark.parametrize(
    "second",
    [
        AskContext(repeat=1),
        AskContext(renderer=2),
        AskContext(held_out=True),
        AskContext(use_cache=False),
    ],
)
async def test_never_across_repeats_renderers_or_held_out(
    second: AskContext, path: Path, target: Target, state: MockState, ask: Ask
) -> None:
    reply = await ask_twice(path, target, ask, second)
    assert not reply.from_cache
    assert state.counts["requests"] == 2


async def test_a_held_out_answer_is_never_kept(
    path: Path, target: Target, state: MockState, ask: Ask
) -> None:
    async with Gateway(cache=SqliteCache(path)) as gateway:
        await gateway.ask(target, ask, context=AskContext(held_out=True))
        assert not (await gateway.ask(target, ask, context=CONTEXT)).from_cache


async def test_errors_are_never_kept(path: Path, target: Target, state: MockState, ask: Ask) -> None:
    state.faults = parse_faults("400#1")
    async with Gateway(cache=SqliteCache(path)) as gateway:
        with pytest.raises(AskError):
            await gateway.ask(target, ask, context=CONTEXT)
        assert not (await gateway.ask(target, ask, context=CONTEXT)).from_cache


def test_the_key_depends_on_all_that_decides_the_answer_and_not_on_who_pays() -> None:
    target, ask = Target("openai_chat", "http://x/v1", "m", api_key="a"), Ask("chat", prompt="q")
    key = content_key(target, ask, CONTEXT)
    same = dataclasses.replace(target, api_key="b", base_url="http://x/v1/")
    assert content_key(same, ask, dataclasses.replace(CONTEXT, run="9", item="z")) == key
    others = [
        content_key(dataclasses.replace(target, model="n"), ask, CONTEXT),
        content_key(dataclasses.replace(target, base_url="http://y/v1"), ask, CONTEXT),
        content_key(dataclasses.replace(target, provider="mock"), ask, CONTEXT),
        content_key(dataclasses.replace(target, quirks={"extra_body": {"a": 1}}), ask, CONTEXT),
        content_key(target, dataclasses.replace(ask, seed=1), CONTEXT),
    ]
    assert len({key, *others}) == 6


def test_a_reply_survives_the_trip() -> None:
    reply = Reply("你好", letter_probs={"A": 0.25}, notes={"letters_missing": ["B"]}, tokens_in=3, ttft_s=0.1)
    assert unpack(pack(reply)) == reply
    assert unpack(b'{"text": "x", "of_a_later_version": 1}') is None
    assert unpack(b"not json") is None


async def test_the_oldest_go_when_it_is_full(path: Path) -> None:
    cache = SqliteCache(path, most_rows=10)
    for number in range(30):
        await cache.put(str(number), Reply(str(number)))
        await cache._flush()
    assert await cache.get("29") == Reply("29")
    assert await cache.get("0") is None
    await cache.close()


async def test_what_is_pending_is_already_known(path: Path) -> None:
    cache = SqliteCache(path)
    await cache.put("k", Reply("x"))
    assert await cache.get("k") == Reply("x")
    await cache.close()


async def test_a_broken_file_is_an_empty_cache_that_says_so_once(
    path: Path, target: Target, state: MockState, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database, and long enough to be looked at closely" * 100)
    with caplog.at_level(logging.WARNING):
        reply = await ask_twice(path, target, ask, CONTEXT)
    assert not reply.from_cache
    assert state.counts["requests"] == 2
    assert (
        sum("out of use" in record.message for record in caplog.records) == 2
    )  # one for each of the two caches
