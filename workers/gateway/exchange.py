"""One request and its answer as the bytes come in: deadlines, byte cap, unpacking, events of a stream."""

from __future__ import annotations

import asyncio
import zlib
from typing import Any

from workers.providers.base import Deadlines, HttpAnswer
from workers.providers.errors import InvalidResponse, TooLarge

_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class Exchange:
    """Filled by a connection, awaited by `done`, watched by the watchdog."""

    __slots__ = (
        "_cap",
        "_deadlines",
        "_end",
        "_is_events",
        "_loop",
        "_pending",
        "_started_at",
        "_stream",
        "_unpack",
        "body",
        "done",
        "due",
        "events",
        "headers",
        "status",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, deadlines: Deadlines, *, stream: bool) -> None:
        self._loop, self._deadlines, self._stream = loop, deadlines, stream
        self._started_at = loop.time()
        self._end = self._started_at + deadlines.total_s
        self._cap = deadlines.max_bytes
        self._unpack: Any = None
        self._is_events = False
        self._pending = b""
        self.due = min(self._end, self._started_at + deadlines.first_byte_s)
        self.done: asyncio.Future[None] = loop.create_future()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.events: list[tuple[float, bytes]] = []

    def heard(self) -> None:
        """Bytes came: the idle deadline starts anew."""
        self.due = min(self._end, self._loop.time() + self._deadlines.idle_s)

    def expire(self) -> None:
        """The watchdog's word: too late."""
        self.fail(TimeoutError(self._which))

    def fail(self, error: Exception) -> None:
        """End without an answer; the first error counts."""
        if not self.done.done():
            self.done.set_exception(error)

    def begin_body(self, status: int, headers: dict[str, str]) -> None:
        """Status and headers are known."""
        self.status, self.headers = status, headers
        packing = headers.get("content-encoding", "identity").lower()
        if packing in _WINDOWS:
            self._unpack = zlib.decompressobj(_WINDOWS[packing])
        elif packing != "identity":
            self.fail(
                InvalidResponse(
                    f"The answer is packed as {packing!r}, which was not asked for.", status=status
                )
            )
        self._is_events = self._stream and headers.get("content-type", "").startswith("text/event-stream")

    def add_body(self, chunk: bytes) -> None:
        """A piece of the body; no more than the cap is ever held, unpacked size included."""
        room = self._cap - len(self.body)
        if self._unpack is not None:
            try:
                chunk = self._unpack.decompress(chunk, room + 1)
            except zlib.error as error:
                self.fail(InvalidResponse(f"The answer cannot be unpacked: {error}.", status=self.status))
                return
        if len(chunk) > room:
            self.fail(
                TooLarge(
                    f"The answer is above {self._cap} bytes; it was cut off. Ask for fewer tokens.",
                    status=self.status,
                )
            )
            return
        self.body += chunk
        if self._is_events:
            self._split(chunk)

    def complete(self) -> None:
        """The answer is whole."""
        if not self.done.done():
            self.done.set_result(None)

    def answer(self) -> HttpAnswer:
        """The whole answer, once done."""
        latency = self._loop.time() - self._started_at
        return HttpAnswer(self.status, self.headers, bytes(self.body), latency, tuple(self.events))

    def _split(self, chunk: bytes) -> None:
        """Take the data lines of server-sent events as they complete."""
        at = self._loop.time() - self._started_at
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                self.events.append((at, line[5:].strip()))

    @property
    def _which(self) -> str:
        """The deadline in force, for an error's message."""
        if self.due >= self._end:
            return f"total deadline of {self._deadlines.total_s:g} s"
        if self.status:
            return f"idle deadline of {self._deadlines.idle_s:g} s"
        return f"first-byte deadline of {self._deadlines.first_byte_s:g} s"
