"""Connections of one endpoint: opened past the egress guard, kept for reuse, never more than needed."""

from __future__ import annotations

import asyncio
import functools
import ssl
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from workers.gateway.egress import EgressPolicy, check_sockaddr, check_url
from workers.gateway.http1 import Connection
from workers.providers.errors import EgressRefused

KEEPALIVE_S = 4.0
"""Shorter than any server's own (uvicorn closes after 5 s), so that we do not write into a closing door."""
DNS_S = 10.0
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """scheme, host and port of an address; `host` in ASCII, without brackets."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """Read an address. Raises EgressRefused for one that no connection should be tried for."""
        check_url(url)
        parts = urlsplit(url)
        try:
            port = parts.port or _DEFAULT_PORTS[parts.scheme]
            host = (parts.hostname or "").encode("idna").decode().lower()
        except (ValueError, UnicodeError) as error:
            raise EgressRefused(f"The address {url[:80]!r} cannot be used: {error}.") from None
        if not host or any(sign in host for sign in "%/\\ \t\r\n"):
            raise EgressRefused(f"The address {url[:80]!r} has no proper host.")
        return cls(parts.scheme, host, port)

    @property
    def header(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def path_of(url: str) -> str:
    """Path and query of a URL, quoted for the request line."""
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    return f"{path}?{quote(parts.query, safe=_PATH_SAFE + '?')}" if parts.query else path


class Pool:
    """Idle connections, the last used first. Belongs to one event loop."""

    def __init__(self, origin: Origin, policy: EgressPolicy, *, connect_s: float) -> None:
        self.origin, self._policy, self._connect_s = origin, policy, connect_s
        self._loop = asyncio.get_running_loop()
        self._idle: list[Connection] = []
        self._resolving: asyncio.Task[list[str]] | None = None
        self._resolved_at = 0.0

    def take(self) -> Connection | None:
        """An idle connection that still stands, or None."""
        horizon = self._loop.time() - KEEPALIVE_S
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and connection.idle_since > horizon:
                return connection
            connection.close()
        return None

    def give_back(self, connection: Connection) -> None:
        """Keep a connection for the next request, or close it where it cannot serve one."""
        if connection.is_usable:
            connection.idle_since = self._loop.time()
            self._idle.append(connection)
        else:
            connection.close()

    async def connect(self) -> Connection:
        """A new connection, to an address the policy allows.

        Raises EgressRefused, OSError (nobody there, or a certificate that does not hold), TimeoutError after `connect_s`.
        """
        async with asyncio.timeout(self._connect_s):
            addresses = await self._addresses()
            last: Exception = OSError(f"{self.origin.host} has no address")
            for address in addresses:  # a dead IPv6 route must leave time for IPv4
                try:
                    async with asyncio.timeout(self._connect_s / len(addresses)):
                        return await self._connect_to(address)
                except (OSError, TimeoutError) as error:
                    last = error
            raise last

    async def close(self) -> None:
        """Close what is idle."""
        if self._resolving is not None:
            self._resolving.cancel()
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # lets the transports say goodbye

    async def _connect_to(self, address: str) -> Connection:
        """Connect to a numeric address; it is checked here, after which no name is looked up any more."""
        check_sockaddr(self._policy, address)
        is_tls = self.origin.scheme == "https"
        _, connection = await self._loop.create_connection(
            Connection,
            address,
            self.origin.port,
            ssl=tls_context() if is_tls else None,
            server_hostname=self.origin.host if is_tls else None,
        )
        return connection

    async def _addresses(self) -> list[str]:
        """The numeric addresses of the host; looked up once in ten seconds, however many connections open."""
        now = self._loop.time()
        if self._resolving is None or (self._resolving.done() and now - self._resolved_at > DNS_S):
            self._resolving, self._resolved_at = asyncio.create_task(self._resolve()), now
        try:
            return await asyncio.shield(self._resolving)
        except OSError:
            self._resolving = None
            raise

    async def _resolve(self) -> list[str]:
        found = await self._loop.getaddrinfo(self.origin.host, self.origin.port, type=1)
        return list(dict.fromkeys(str(info[4][0]) for info in found))


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Certificates and host names are checked; the system's authorities count (SSL_CERT_FILE adds one's own)."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
