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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from workers.providers.mock_answers import STYLES, MockBrain, unit_draw, words_of
from workers.providers.mock_faults import Fault, choose_fault, parse_faults
from workers.providers.mock_misbehave import misbehave, response_of
from workers.providers.mock_wire import MockAnswer, stream_chunks, success_object


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
    peers: set[object] = field(default_factory=set)
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
        self.peers.clear()
        self.answered.clear()
        self.most_in_flight = self.in_flight


STATE: web.AppKey[MockState] = web.AppKey("state", MockState)


def make_app(state: MockState) -> web.Application:
    """The server as an aiohttp application, for a process of its own or a test's event loop."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app[STATE] = state
    app.router.add_post("/v1/chat/completions", answer)
    app.router.add_post("/v1/completions", answer)
    app.router.add_get("/v1/models", list_models)
    app.router.add_get("/_counters", read_counters)
    app.router.add_delete("/_counters", reset_counters)
    app.router.add_post("/_faults", set_faults)
    app.router.add_post("/_teach", teach)
    return app


async def answer(request: web.Request) -> web.StreamResponse:
    """Chat and completions alike: count, wait, then answer or misbehave."""
    state = request.app[STATE]
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    if peer not in state.peers:
        state.peers.add(peer)
        state.counts["connections"] += 1
    raw = await request.read()
    state.in_flight += 1
    state.most_in_flight = max(state.most_in_flight, state.in_flight)
    try:
        return await _answer(request, state, raw)
    finally:
        state.in_flight -= 1


async def _answer(request: web.Request, state: MockState, raw: bytes) -> web.StreamResponse:
    body: dict[str, Any] = orjson.loads(raw)
    mark = hashlib.sha256(raw).digest()
    state.seen[mark] += 1
    state.counts["requests"] += 1
    prompt, nth, number = words_of(body), state.seen[mark], state.counts["requests"]
    await asyncio.sleep(_latency(state, prompt, nth))
    fault = choose_fault(state.faults, seed=state.brain.seed, prompt=prompt, nth=nth, number=number)
    if fault is not None:
        state.counts[f"fault_{fault.name}"] += 1
        return await misbehave(request, state.brain, fault, body)
    state.counts["answered"] += 1
    state.answered[mark] += 1
    whole = success_object(state.brain, body)
    state.counts["tokens_in"] += whole["usage"]["prompt_tokens"]
    state.counts["tokens_out"] += whole["usage"]["completion_tokens"]
    if body.get("stream"):
        return await _stream(request, whole, bool((body.get("stream_options") or {}).get("include_usage")))
    return response_of(MockAnswer(200, orjson.dumps(whole)))


def _latency(state: MockState, prompt: str, nth: int) -> float:
    if not state.jitter:
        return state.latency_s
    draw = unit_draw(state.brain.seed, "latency", prompt, nth)
    return state.latency_s * (1 - state.jitter + 2 * state.jitter * draw)


async def _stream(request: web.Request, whole: dict[str, Any], with_usage: bool) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for chunk in stream_chunks(whole, with_usage=with_usage):
        await response.write(b"data: " + chunk + b"\n\n")
    await response.write(b"data: [DONE]\n\n")
    return response


async def list_models(request: web.Request) -> web.Response:
    """The one model served."""
    state = request.app[STATE]
    listed = {
        "object": "list",
        "data": [{"id": state.model, "object": "model", "created": 0, "owned_by": "mock"}],
    }
    return web.Response(body=orjson.dumps(listed), content_type="application/json")


async def read_counters(request: web.Request) -> web.Response:
    """The books as JSON."""
    return web.Response(body=orjson.dumps(request.app[STATE].books()), content_type="application/json")


async def reset_counters(request: web.Request) -> web.Response:
    """The books to zero."""
    request.app[STATE].reset()
    return web.Response(status=204)


async def set_faults(request: web.Request) -> web.Response:
    """Misbehave from now on as the spec says; an empty spec ends it."""
    request.app[STATE].faults = parse_faults(str(orjson.loads(await request.read())["spec"]))
    return web.Response(status=204)


async def teach(request: web.Request) -> web.Response:
    """Learn right answers by a text that occurs in their prompts."""
    request.app[STATE].brain.teach(orjson.loads(await request.read())["answers"])
    return web.Response(status=204)


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


@asynccontextmanager
async def running(state: MockState, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """A server in this event loop for as long as the context lasts; yields its address with `/v1`."""
    runner = web.AppRunner(make_app(state), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        yield f"http://{host}:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def serve(given: argparse.Namespace) -> None:
    """Serve until cancelled; prints one line with the address when ready."""
    brain = MockBrain(style=given.answers, seed=given.seed, accuracy=given.accuracy)
    state = MockState(brain, given.latency_ms / 1000, given.jitter, parse_faults(given.faults))
    async with running(state, host=given.host, port=given.port) as url:
        sys.stdout.write(f"ready {url} {state.model}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    try:
        asyncio.run(serve(parse_arguments()))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
