"""One HTTP/1.1 connection: bytes of a request out, an answer parsed as it comes in.

The parser is httptools (llhttp, as in Node.js). We own the connection because the usual clients spend 0.16 s (aiohttp) to 2 s
(the openai SDK) of CPU on 1000 requests, and this one 0.04: the share of the limit at 256 in flight depends on it.
"""

from __future__ import annotations

import asyncio

import httptools

from workers.gateway.exchange import Exchange

MOST_HEADER_BYTES = 65_536


class NotHttp(Exception):
    """The server's bytes are not HTTP/1.1 as it should be."""


class ConnectionBroken(Exception):
    """The connection ended before the answer was whole."""


class Connection(asyncio.Protocol):
    """Carries one exchange at a time. `is_usable` tells whether another may follow."""

    def __init__(self) -> None:
        self.is_usable = True
        self.idle_since = 0.0
        self._exchange: Exchange | None = None
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._header_bytes = 0
        self._is_in_body = False

    @property
    def is_open(self) -> bool:
        """Whether a request may be written now."""
        return self.is_usable and self._transport is not None and not self._transport.is_closing()

    def start(self, request: bytes, exchange: Exchange) -> None:
        """Send a request; the exchange fills up as the answer comes."""
        assert self._transport is not None
        self._exchange = exchange
        self._header_bytes, self._is_in_body = 0, False
        self._transport.write(request)

    def close(self) -> None:
        """Drop the connection now."""
        self.is_usable = False
        self._exchange = None
        if self._transport is not None:
            self._transport.abort()

    # asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes from the server."""
        exchange = self._exchange
        if (
            exchange is None
        ):  # it speaks unasked (a timeout notice, say): whatever comes belongs to no request
            self.close()
            return
        exchange.heard()
        if not self._is_in_body:
            self._header_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            exchange.fail(NotHttp("it wants to switch protocols"))
        except httptools.HttpParserError as error:
            exchange.fail(NotHttp(str(error) or type(error).__name__))
        if not self._is_in_body and self._header_bytes > MOST_HEADER_BYTES:
            exchange.fail(NotHttp(f"more than {MOST_HEADER_BYTES} bytes of headers"))
        if self._exchange is not None and exchange.done.done():  # failed, or cancelled by its owner
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone. Without a length, that is how an answer ends."""
        self.is_usable = False
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        if error is None and self._is_in_body and _ends_with_the_connection(exchange):
            exchange.complete()
        else:
            exchange.fail(ConnectionBroken(str(error or "closed by the server")))

    # httptools calls these

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """All headers of one answer, or trailers' end."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._headers}
        self._headers.clear()
        if (
            self._exchange is not None and (status := self._parser.get_status_code()) >= 200
        ):  # 1xx only announce
            self._is_in_body = True
            self._exchange.begin_body(status, headers)

    def on_body(self, chunk: bytes) -> None:
        """A piece of the body."""
        if self._exchange is not None and not self._exchange.done.done():
            self._exchange.add_body(chunk)

    def on_message_complete(self) -> None:
        """The answer is whole; more bytes after it would be nobody's."""
        exchange = self._exchange
        if exchange is None or not self._is_in_body:
            return
        self._exchange, self._is_in_body = None, False
        self._headers.clear()  # trailers
        self.is_usable = self.is_usable and self._parser.should_keep_alive()
        exchange.complete()

    def on_message_begin(self) -> None:
        """A new answer begins: one that nobody asked for spoils the connection."""
        if self._exchange is None:
            self.is_usable = False


def _ends_with_the_connection(exchange: Exchange) -> bool:
    """RFC 9112, 6.3: neither a length nor chunks: the body lasts until the connection closes."""
    return "content-length" not in exchange.headers and "chunked" not in exchange.headers.get(
        "transfer-encoding", ""
    )
