"""How the mock server misbehaves on the connection itself: cuts, drips, floods, and the whole answers that are wrong."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from workers.providers.mock_answers import MockBrain
from workers.providers.mock_faults import Fault
from workers.providers.mock_wire import MockAnswer, fault_answer, stream_chunks, success, success_object

DRIP_S = 0.2
HUGE_MIB = 200
_BLOCK = bytes(1024 * 1024)


async def misbehave(
    request: web.Request, brain: MockBrain, fault: Fault, body: dict[str, Any]
) -> web.StreamResponse:
    whole = fault_answer(fault, brain, body)
    if whole is not None:
        return response_of(whole)
    if fault.name == "hang":
        await asyncio.sleep(3600)
    if fault.name == "drip":
        return await _drip(request)
    if fault.name == "huge":
        return await _huge(request, int(fault.argument or HUGE_MIB))
    if fault.name == "cut":
        return await _cut(request, brain, body)
    return _abort(request, web.Response())


async def _cut(request: web.Request, brain: MockBrain, body: dict[str, Any]) -> web.StreamResponse:
    """Half of an answer, then the connection is gone; a stream is ended politely, but before its end."""
    if body.get("stream"):
        chunks = stream_chunks(success_object(brain, body), with_usage=False)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: " + chunks[0] + b"\n\n")
        return response
    whole = success(brain, body).body
    response = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Length": str(len(whole))}
    )
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    return _abort(request, response)


async def _drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(DRIP_S)


async def _huge(request: web.Request, mebibytes: int) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(mebibytes):
        await response.write(_BLOCK)
    return response


def _abort(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Drop the connection without a goodbye."""
    if request.transport is not None:
        request.transport.abort()
    return response


def response_of(whole: MockAnswer) -> web.Response:
    return web.Response(status=whole.status, body=whole.body, headers=dict(whole.headers))
