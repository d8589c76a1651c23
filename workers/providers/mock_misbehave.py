"""How the mock server misbehaves on the connection itself: resets, cuts, silence, drips and floods."""

from __future__ import annotations

import asyncio
from typing import Any

from workers.providers.mock_answers import MockBrain
from workers.providers.mock_faults import Fault
from workers.providers.mock_http import MockConnection
from workers.providers.mock_wire import stream_chunks, success, success_object

DRIP_S = 0.2
HUGE_MIB = 200
FLOOD_AHEAD = 4 * 1024 * 1024
_BLOCK = bytes(1024 * 1024)


async def misbehave(connection: MockConnection, brain: MockBrain, fault: Fault, body: dict[str, Any]) -> None:
    """Act out a fault of the connection (one for which mock_wire.fault_answer has no answer)."""
    if fault.name == "hang":
        await _until_closed(connection)
    elif fault.name == "drip":
        await _drip(connection)
    elif fault.name == "huge":
        await _flood(connection, int(fault.argument or HUGE_MIB))
    elif fault.name == "cut":
        _cut(connection, brain, body)
    else:
        connection.abort()


async def _until_closed(connection: MockConnection) -> None:
    while not connection.is_closing:
        await asyncio.sleep(DRIP_S)


async def _drip(connection: MockConnection) -> None:
    connection.begin("application/json")
    while not connection.is_closing:
        connection.write_chunk(b" ")
        await asyncio.sleep(DRIP_S)


async def _flood(connection: MockConnection, mebibytes: int) -> None:
    connection.begin("application/json")
    for _ in range(mebibytes):
        while connection.backlog > FLOOD_AHEAD and not connection.is_closing:
            await asyncio.sleep(0.005)
        if connection.is_closing:
            return
        connection.write_chunk(_BLOCK)
        await asyncio.sleep(0)
    connection.end()


def _cut(connection: MockConnection, brain: MockBrain, body: dict[str, Any]) -> None:
    """Half of an answer, then the connection is gone; a stream is ended politely, but before its end."""
    if body.get("stream"):
        connection.begin("text/event-stream")
        connection.write_chunk(
            b"data: " + stream_chunks(success_object(brain, body), with_usage=False)[0] + b"\n\n"
        )
        connection.end()
        return
    whole = success(brain, body).body
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(whole)}\r\n\r\n"
    connection.write(head.encode("latin-1") + whole[: len(whole) // 2])
    connection.abort(after_writing=True)
