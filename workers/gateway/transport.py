"""Bytes out and in, for the gateway: one pool of connections an endpoint, every guard, deadline and cap in force.

What holds for each request: no redirects, no proxy from the environment, no cookies, the key only to the target's own
origin, total, first-byte and idle deadlines, a byte cap while reading, unpacked size included. Foreign exceptions become named
errors here and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import orjson

from workers.gateway.deadlines import Watchdog
from workers.gateway.egress import EgressPolicy
from workers.gateway.exchange import Exchange
from workers.gateway.http1 import Connection, ConnectionBroken, NotHttp
from workers.gateway.pool import Origin, Pool, path_of
from workers.providers.base import HttpAnswer, HttpCall, Send, Target
from workers.providers.errors import (
    AskError,
    ConnectionLost,
    DeadlineExceeded,
    EgressRefused,
    InvalidRequest,
    InvalidResponse,
)

HEADS_KEPT = 512
_HEAD_OF_RAW = 400


@dataclass(frozen=True, slots=True)
class _Route:
    """What is the same for all requests of one target: its connections, origin and headers."""

    pool: Pool
    headers: bytes
    heads: dict[tuple[str, str], bytes] = field(default_factory=dict)


class Transport:
    """Sends calls for targets. Belongs to one event loop; `close` it there."""

    def __init__(self) -> None:
        self._routes: dict[tuple[Any, ...], _Route] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._dog: Watchdog | None = None

    def sender(self, target: Target) -> Send:
        """The `send` of one target, as providers want it. Raises EgressRefused for an address nobody may use."""
        route = self._route(target)

        async def send(call: HttpCall) -> HttpAnswer:
            return await self._send(route, target, call)

        return send

    async def close(self) -> None:
        """Close every connection."""
        routes, self._routes = list(self._routes.values()), {}
        if self._dog is not None:
            self._dog.stop()
        for route in routes:
            await route.pool.close()

    def _route(self, target: Target) -> _Route:
        place = (
            target.base_url,
            target.api_key,
            target.allow_private,
            target.allowed_networks,
            target.deadlines.connect_s,
            target.quirks.get("auth_header"),
            *target.extra_headers.items(),
        )
        route = self._routes.get(place)
        if route is None:
            pool = Pool(
                Origin.of(target.base_url), EgressPolicy.of(target), connect_s=target.deadlines.connect_s
            )
            route = self._routes[place] = _Route(pool, header_lines(headers_of(target)))
        return route

    async def _send(self, route: _Route, target: Target, call: HttpCall) -> HttpAnswer:
        request = _request(route, call)
        if self._dog is None:
            self._loop = asyncio.get_running_loop()
            self._dog = Watchdog(self._loop)
        assert self._loop is not None
        connection = route.pool.take() or await _connect(route.pool, target)
        exchange = Exchange(self._loop, target.deadlines, stream=call.stream)
        self._dog.add(exchange)
        try:
            connection.start(request, exchange)
            await exchange.done
        except (TimeoutError, NotHttp, ConnectionBroken) as error:
            connection.close()
            _translate(error, target, exchange)
        except BaseException:
            connection.close()
            raise
        finally:
            self._dog.remove(exchange)
        route.pool.give_back(connection)
        return exchange.answer()


def headers_of(target: Target) -> dict[str, str]:
    """The headers every request of a target carries; the key's header follows the quirk `auth_header`."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "evalhub",
        **target.extra_headers,
    }
    if target.api_key:
        name = str(target.quirks.get("auth_header", "Authorization"))
        headers[name] = f"Bearer {target.api_key}" if name.lower() == "authorization" else target.api_key
    return headers


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers as bytes. Raises InvalidRequest for one that would break the request's form (a line break in a key)."""
    for name, value in headers.items():
        if (
            not name.replace("-", "").replace("_", "").isalnum()
            or not (name + value).isascii()
            or not value.isprintable()
        ):
            raise InvalidRequest(
                f"The header {name[:40]!r} holds signs that no header may; enter key and headers again."
            )
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


def dumps(body: Mapping[str, Any]) -> bytes:
    """The request body as JSON. Raises InvalidRequest for what JSON cannot say."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as error:
        raise InvalidRequest(f"The request cannot be written as JSON: {error}") from None


def _request(route: _Route, call: HttpCall) -> bytes:
    """The whole request; its head is kept for the next one to the same URL."""
    head = route.heads.get((call.method, call.url))
    if head is None:
        if Origin.of(call.url) != route.pool.origin:
            raise EgressRefused(
                f"{call.url[:80]!r} is not on the endpoint's own host {route.pool.origin.header}; its key stays there."
            )
        head = f"{call.method} {path_of(call.url)} HTTP/1.1\r\nHost: {route.pool.origin.header}\r\n".encode(
            "ascii"
        )
        if len(route.heads) < HEADS_KEPT:
            route.heads[call.method, call.url] = head
    if call.body is None:
        return b"%b%b\r\n" % (head, route.headers)
    body = dumps(call.body)
    return b"%b%bContent-Length: %d\r\n\r\n%b" % (head, route.headers, len(body), body)


async def _connect(pool: Pool, target: Target) -> Connection:
    try:
        return await pool.connect()
    except AskError:
        raise
    except (OSError, TimeoutError) as error:
        reason = str(error) or f"no answer within {target.deadlines.connect_s:g} s"
        raise ConnectionLost(
            f"Cannot connect to {target.base_url}: {reason}. Is the server running?", billed="no"
        ) from None


def _translate(error: Exception, target: Target, exchange: Exchange) -> NoReturn:
    """Raise the named error for one of the wire's."""
    place = target.base_url
    if isinstance(error, TimeoutError):
        raise DeadlineExceeded(
            f"{place} was cut at its {error}. Raise the deadline, or ask for fewer tokens."
        ) from None
    raw_head = bytes(exchange.body[:_HEAD_OF_RAW]).decode("utf-8", "replace")
    if isinstance(error, NotHttp):
        raise InvalidResponse(
            f"{place} does not speak HTTP as it should: {error}.", raw_head=raw_head
        ) from None
    raise ConnectionLost(
        f"The connection to {place} broke {'inside' if exchange.status else 'before'} the answer: {error}.",
        secrets=(target.api_key,),
        raw_head=raw_head,
    ) from None
