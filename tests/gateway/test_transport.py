"""What comes over the wire, and what it becomes: deadlines, caps, cuts, streams, headers."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from typing import Any

import pytest
from aiohttp import web

from workers.gateway.base import AskContext
from workers.gateway.gateway import Gateway
from workers.gateway.transport import Transport
from workers.providers.base import Ask, Deadlines, HttpCall, Target
from workers.providers.errors import (
    ConnectionLost,
    DeadlineExceeded,
    TooLarge,
)
from workers.providers.mock_faults import parse_faults
from workers.providers.mock_server import MockState

LAST_TRY = AskContext(attempts_before=5)


def within(**deadlines: float) -> Deadlines:
    return dataclasses.replace(Deadlines(total_s=5.0), **deadlines)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "deadlines", "says"),
    [
        ("hang", {"first_byte_s": 0.2}, "first-byte deadline of 0.2 s"),
        ("hang", {"total_s": 0.2}, "total deadline of 0.2 s"),
        ("drip", {"total_s": 0.5}, "total deadline of 0.5 s"),
        ("drip", {"idle_s": 0.1}, "idle deadline of 0.1 s"),
    ],
)
async def test_nothing_outlasts_its_deadline(
    fault: str, deadlines: dict[str, float], says: str, target: Target, state: MockState, ask: Ask
) -> None:
    state.faults = parse_faults(fault)
    slow = dataclasses.replace(target, deadlines=within(**deadlines))
    async with Gateway() as gateway:
        before = asyncio.get_running_loop().time()
        with pytest.raises(DeadlineExceeded, match=says):
            await gateway.ask(slow, ask, context=LAST_TRY)
        assert asyncio.get_running_loop().time() - before < 1.0


async def test_a_slow_but_steady_answer_is_heard_out(target: Target, state: MockState, ask: Ask) -> None:
    state.latency_s = 0.3
    patient = dataclasses.replace(target, deadlines=within(idle_s=0.15, first_byte_s=1.0))
    async with Gateway() as gateway:
        reply = await gateway.ask(patient, ask, context=AskContext())
    assert reply.latency_s == pytest.approx(0.3, abs=0.15)


async def test_cancelling_stays_a_cancellation(target: Target, state: MockState, ask: Ask) -> None:
    state.faults = parse_faults("hang")
    async with Gateway() as gateway:
        task = asyncio.create_task(gateway.ask(target, ask, context=AskContext()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gateway.limiter_state(target).in_flight == 0


@pytest.mark.parametrize("fault", ["huge=3", "gzip"])
async def test_no_more_than_the_cap_is_ever_read(
    fault: str, target: Target, state: MockState, ask: Ask
) -> None:
    state.faults = parse_faults(fault)
    small = dataclasses.replace(target, deadlines=Deadlines(max_bytes=1024 * 1024))
    async with Gateway() as gateway:
        with pytest.raises(TooLarge, match="above 1048576 bytes"):
            await gateway.ask(small, ask, context=AskContext())


async def test_a_stream_tells_the_time_to_the_first_token(target: Target, state: MockState, ask: Ask) -> None:
    state.latency_s = 0.1
    async with Gateway() as gateway:
        reply = await gateway.ask(target, dataclasses.replace(ask, stream=True), context=AskContext())
    assert reply.ttft_s is not None
    assert 0.1 <= reply.ttft_s <= reply.latency_s
    assert reply.tokens_out


async def test_a_cut_stream_is_never_an_answer(target: Target, state: MockState, ask: Ask) -> None:
    state.faults = parse_faults("cut")
    async with Gateway() as gateway:
        with pytest.raises(ConnectionLost, match="before its end"):
            await gateway.ask(target, dataclasses.replace(ask, stream=True), context=LAST_TRY)


async def test_headers_key_and_cookies() -> None:
    seen: list[dict[str, str]] = []

    async def note(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        response = web.json_response({})
        response.set_cookie("session", "stolen")
        return response

    app = web.Application()
    app.router.add_post("/v1/x", note)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    place = Target(
        "openai_chat",
        f"http://127.0.0.1:{runner.addresses[0][1]}/v1",
        "m",
        "sk-1",
        {"X-Org": "a"},
        allow_private=True,
    )
    transport = Transport()
    for target in (
        place,
        place,
        dataclasses.replace(place, quirks={"auth_header": "x-api-key"}, api_key="sk-2"),
    ):
        await transport.sender(target)(HttpCall(f"{place.base_url}/x", {}))
    await transport.close()
    await runner.cleanup()
    assert seen[0]["Authorization"] == "Bearer sk-1"
    assert seen[0]["X-Org"] == "a"
    assert "Cookie" not in seen[1]
    assert seen[2]["x-api-key"] == "sk-2"
    assert "Authorization" not in seen[2]


async def test_connections_are_kept_and_used_again(target: Target, state: MockState, ask: Ask) -> None:
    async with Gateway() as gateway:
        for number in range(20):
            await gateway.ask(target, dataclasses.replace(ask, seed=number), context=AskContext())
    assert state.counts["requests"] == 20
    assert state.counts["connections"] == 1


async def test_a_server_that_takes_no_connection_is_given_up_at_the_connect_deadline(get: Any) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]  # the kernel drops what comes after its queue is full
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        place = Target(
            "openai_chat",
            f"http://127.0.0.1:{full.getsockname()[1]}/v1",
            "m",
            deadlines=within(connect_s=0.2),
            allow_private=True,
        )
        with pytest.raises(ConnectionLost, match="Cannot connect") as caught:
            await get(place)
        for one in waiting:
            one.close()
    assert caught.value.billed == "no"
