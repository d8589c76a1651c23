"""The mock server: an OpenAI-compatible server with a fixed latency, known answers and faults on demand.

    python -m workers.providers.mock_server --port 8099 --latency-ms 200 --answers key --faults "429=1:0.02,500~poison"

Routes: `/v1/chat/completions`, `/v1/completions`, `/v1/models`; `/_counters` (GET reads, DELETE resets), `/_faults` and `/_teach`
(POST {"spec": ...} and {"answers": {...}}). The counters are what tests hold the product's own books against.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from workers.providers.mock_answers import STYLES, MockBrain, unit_draw, words_of
from workers.providers.mock_faults import Fault, FaultSpecError, choose_fault, parse_faults
from workers.providers.mock_http import MockConnection
from workers.providers.mock_misbehave import misbehave
from workers.providers.mock_wire import MockAnswer, fault_answer, stream_chunks, success_object


@dataclass
class MockState:
    """One server's settings and books."""

    brain: MockBrain
    latency_s: float = 0.0
    jitter: float = 0.0
    faults: tuple[Fault, ...] = ()
    model: str = "mock"
    counts: Counter[str] = field(default_factory=Counter)
    seen: Counter[bytes] = field(default_factory=Counter)
    answered: Counter[bytes] = field(default_factory=Counter)
    in_flight: int = 0
    most_in_flight: int = 0

    def books(self) -> dict[str, Any]:
        """All counters. `duplicates` are answers given to a request that had been answered before."""
        return {
            **self.counts,
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "distinct": len(self.seen),
            "distinct_answered": len(self.answered),
            "duplicates": sum(self.answered.values()) - len(self.answered),
        }

    def reset(self) -> None:
        """All counters to zero; requests in flight stay counted."""
        self.counts.clear()
        self.seen.clear()
        self.answered.clear()
        self.most_in_flight = self.in_flight


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request on its way through the mock: its body, its mark, the how-manieth of its kind and of all."""

    body: dict[str, Any]
    mark: bytes
    prompt: str
    nth: int
    number: int


class MockServer:
    """Answers each connection's requests out of one state. Belongs to one event loop."""

    def __init__(self, state: MockState) -> None:
        self._state = state
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[MockConnection] = set()
        self._routes: dict[tuple[str, str], Callable[[bytes], MockAnswer]] = {
            ("GET", "/v1/models"): self._models,
            ("GET", "/_counters"): lambda body: MockAnswer(200, orjson.dumps(state.books())),
            ("DELETE", "/_counters"): self._reset,
            ("POST", "/_faults"): self._set_faults,
            ("POST", "/_teach"): self._teach,
        }

    def connect(self) -> MockConnection:
        """A protocol for a new client."""
        connection = MockConnection(self.handle, self._opened)
        self._connections.add(connection)
        connection.on_lost = lambda: self._connections.discard(connection)
        return connection

    def close(self) -> None:
        """Hang up on everyone."""
        for task in self._tasks:
            task.cancel()
        for connection in list(self._connections):
            connection.abort()

    def handle(self, connection: MockConnection, method: str, path: str, body: bytes) -> None:
        """Route one request."""
        if method == "POST" and path in ("/v1/chat/completions", "/v1/completions"):
            self._begin(connection, body)
            return
        route = self._routes.get((method, path))
        try:
            answer = MockAnswer(404, b"{}") if route is None else route(body)
        except (KeyError, TypeError, ValueError) as error:
            answer = MockAnswer(400, orjson.dumps({"error": {"message": str(error)}}))
        connection.respond(answer)

    def _begin(self, connection: MockConnection, raw: bytes) -> None:
        """Count a request for an answer; it gets one after the latency."""
        state = self._state
        try:
            body: dict[str, Any] = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            connection.respond(MockAnswer(400, orjson.dumps({"error": {"message": str(error)}})))
            return
        mark = hashlib.sha256(raw).digest()
        state.seen[mark] += 1
        state.counts["requests"] += 1
        state.in_flight += 1
        state.most_in_flight = max(state.most_in_flight, state.in_flight)
        asked = _Asked(body, mark, words_of(body), state.seen[mark], state.counts["requests"])
        self._loop.call_later(_latency(state, asked), self._finish, connection, asked)

    def _finish(self, connection: MockConnection, asked: _Asked) -> None:
        """Answer, or misbehave."""
        state = self._state
        fault = choose_fault(
            state.faults, seed=state.brain.seed, prompt=asked.prompt, nth=asked.nth, number=asked.number
        )
        if fault is None:
            self._answer(connection, asked)
            state.in_flight -= 1
            return
        state.counts[f"fault_{fault.name}"] += 1
        whole = fault_answer(fault, state.brain, asked.body)
        if whole is not None:
            connection.respond(whole)
            state.in_flight -= 1
            return
        task = self._loop.create_task(misbehave(connection, state.brain, fault, asked.body))
        self._tasks.add(task)
        task.add_done_callback(self._misbehaved)

    def _answer(self, connection: MockConnection, asked: _Asked) -> None:
        state = self._state
        whole = success_object(state.brain, asked.body)
        state.counts["answered"] += 1
        state.answered[asked.mark] += 1
        state.counts["tokens_in"] += whole["usage"]["prompt_tokens"]
        state.counts["tokens_out"] += whole["usage"]["completion_tokens"]
        if not asked.body.get("stream"):
            connection.respond(MockAnswer(200, orjson.dumps(whole)))
            return
        connection.begin("text/event-stream")
        with_usage = bool((asked.body.get("stream_options") or {}).get("include_usage"))
        for chunk in (*stream_chunks(whole, with_usage=with_usage), b"[DONE]"):
            connection.write_chunk(b"data: " + chunk + b"\n\n")
        connection.end()

    def _misbehaved(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._state.in_flight -= 1

    def _opened(self) -> None:
        self._state.counts["connections"] += 1

    def _models(self, body: bytes) -> MockAnswer:
        model = {"id": self._state.model, "object": "model", "created": 0, "owned_by": "mock"}
        return MockAnswer(200, orjson.dumps({"object": "list", "data": [model]}))

    def _reset(self, body: bytes) -> MockAnswer:
        self._state.reset()
        return MockAnswer(204, b"")

    def _set_faults(self, body: bytes) -> MockAnswer:
        self._state.faults = parse_faults(str(orjson.loads(body)["spec"]))
        return MockAnswer(204, b"")

    def _teach(self, body: bytes) -> MockAnswer:
        self._state.brain.teach(orjson.loads(body)["answers"])
        return MockAnswer(204, b"")


def _latency(state: MockState, asked: _Asked) -> float:
    if not state.jitter:
        return state.latency_s
    draw = unit_draw(state.brain.seed, "latency", asked.prompt, asked.nth)
    return state.latency_s * (1 - state.jitter + 2 * state.jitter * draw)


@asynccontextmanager
async def running(state: MockState, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """A server in this event loop for as long as the context lasts; yields its address with `/v1`."""
    mock = MockServer(state)
    server = await asyncio.get_running_loop().create_server(mock.connect, host, port, backlog=1024)
    try:
        yield f"http://{host}:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        mock.close()
        await asyncio.sleep(0)  # lets the transports say goodbye


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="mock_server", description="Serve a mock language model.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--jitter", type=float, default=0.0, help="share of the latency, 0 to 1")
    parser.add_argument("--faults", default="")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--answers", choices=STYLES, default="key")
    parser.add_argument("--accuracy", type=float, default=1.0, help="share of taught answers given right")
    return parser.parse_args(argv)


async def serve(given: argparse.Namespace) -> None:
    """Serve until cancelled; prints one line with the address when ready. Raises FaultSpecError."""
    brain = MockBrain(style=given.answers, seed=given.seed, accuracy=given.accuracy)
    state = MockState(brain, given.latency_ms / 1000, given.jitter, parse_faults(given.faults))
    async with running(state, host=given.host, port=given.port) as url:
        sys.stdout.write(f"ready {url} {state.model}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> int:
    """Serve until interrupted."""
    try:
        asyncio.run(serve(parse_arguments()))
    except KeyboardInterrupt:
        return 0
    except (FaultSpecError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
