"""The mock server's HTTP: requests parsed by httptools, answers written as bytes.

As thin as can be (0.06 s of CPU for 1000 requests, where a web framework takes 0.23): a benchmark on a small machine must
measure the engine and not the mock beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import httptools

from workers.providers.mock_wire import MockAnswer

Handler = Callable[["MockConnection", str, str, bytes], None]
"""Called with (connection, method, path, body) for each request; answers now or later by the connection's methods."""

_REASONS = {status.value: status.phrase for status in HTTPStatus}


class MockConnection(asyncio.Protocol):
    """One client's connection. One request at a time; the next is parsed when it comes."""

    def __init__(self, handle: Handler, on_open: Callable[[], None]) -> None:
        self._handle, self._on_open = handle, on_open
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body: list[bytes] = []
        self.on_lost: Callable[[], None] | None = None

    # what the server does with it

    def respond(self, answer: MockAnswer) -> None:
        """Write a whole answer."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        if answer.status != 204:
            lines += f"Content-Length: {len(answer.body)}\r\n"
        head = f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}\r\n{lines}\r\n"
        self.write(head.encode("latin-1") + answer.body)

    def begin(self, content_type: str) -> None:
        """Begin an answer without a length; `write_chunk` goes on, `end` ends it."""
        self.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode(
                "latin-1"
            )
        )

    def write_chunk(self, data: bytes) -> None:
        """One piece of such an answer."""
        self.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        """The end of such an answer."""
        self.write(b"0\r\n\r\n")

    def write(self, data: bytes) -> None:
        """Raw bytes."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def abort(self, *, after_writing: bool = False) -> None:
        """Drop the connection without a goodbye, at once or when what was written is out."""
        if self._transport is not None:
            if after_writing:
                self._transport.close()
            else:
                self._transport.abort()

    @property
    def is_closing(self) -> bool:
        """Whether the client is gone, or we hung up."""
        return self._transport is None or self._transport.is_closing()

    @property
    def backlog(self) -> int:
        """Bytes written that the client has not taken yet."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._on_open()

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.respond(MockAnswer(400, b""))
            self.abort(after_writing=True)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        self._transport = None
        if self.on_lost is not None:
            self.on_lost()

    # httptools calls these

    def on_url(self, url: bytes) -> None:
        """The request's target, perhaps in pieces."""
        self._url += url

    def on_body(self, chunk: bytes) -> None:
        """A piece of its body."""
        self._body.append(chunk)

    def on_message_complete(self) -> None:
        """The request is whole."""
        path = self._url.decode("latin-1").partition("?")[0]
        method, body = self._parser.get_method().decode("latin-1"), b"".join(self._body)
        self._url, self._body = b"", []
        self._handle(self, method, path, body)
