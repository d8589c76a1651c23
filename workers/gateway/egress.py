"""The egress guard: which addresses a request may reach, decided where a socket is about to connect.

The check sits in front of `connect` and sees the very address that it gets: after DNS (rebinding has nothing left to
rebind), for literal addresses in any spelling, and for each address that is tried.
Embedded IPv4 addresses (mapped, NAT64, 6to4, Teredo, ISATAP) are judged as what they lead to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from workers.providers.base import Target
from workers.providers.errors import EgressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
    )
)
"""Where clouds hand out credentials; never reached unless an admin names the network."""

_CARRIERS_96: tuple[ipaddress.IPv6Network, ...] = tuple(
    ipaddress.IPv6Network(text) for text in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "::/96")
)
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")
_LOOPBACK6 = ipaddress.IPv6Address("::1")
_UNSPECIFIED6 = ipaddress.IPv6Address("::")


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What one endpoint may reach beyond the public internet: private and loopback addresses, or named networks."""

    allow_private: bool = False
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, target: Target) -> EgressPolicy:
        """The policy of a target. Raises EgressRefused where an allowed network cannot be read."""
        try:
            networks = tuple(ipaddress.ip_network(text) for text in target.allowed_networks)
        except ValueError as error:
            raise EgressRefused(
                f"Cannot read an allowed network: {error}. Write it like 10.1.0.0/16."
            ) from None
        return cls(target.allow_private, networks)

    def refusal(self, address: Address) -> str:
        """Why `address` is forbidden, '' where it may be reached."""
        if any(address.version == network.version and address in network for network in self.networks):
            return ""
        for inner in embedded(address):
            if reason := self.refusal(inner):
                return f"{reason} (inside {address})"
        return self._own_refusal(address)

    def _own_refusal(self, address: Address) -> str:
        if address in METADATA:
            return f"{address} is a cloud metadata address"
        if address.is_unspecified or address.is_multicast or address.is_link_local:
            return f"{address} is link-local, multicast or unspecified"
        if isinstance(address, ipaddress.IPv6Address) and any(embedded(address)):
            return ""  # judged by what it carries
        if address.is_global and not _is_site_local(address):
            return ""
        if self.allow_private and (address.is_private or address.is_loopback or _is_shared(address)):
            return ""
        return f"{address} is not a public address"


def embedded(address: Address) -> Iterator[Address]:
    """The IPv4 addresses an IPv6 address leads to or names."""
    if not isinstance(address, ipaddress.IPv6Address) or address in (_LOOPBACK6, _UNSPECIFIED6):
        return
    if any(address in network for network in _CARRIERS_96):
        yield ipaddress.IPv4Address(address.packed[12:])
    if (
        address in _LOCAL_NAT64
    ):  # RFC 8215: a local translator may put the IPv4 address at any of several places
        yield ipaddress.IPv4Address("127.0.0.1")
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address.packed[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"):  # ISATAP
        yield ipaddress.IPv4Address(address.packed[12:])


def check_url(url: str) -> None:
    """Refuse at once what no connection should be tried for: another scheme, credentials in the address, no host."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise EgressRefused(f"The address {url[:80]!r} is not http or https; enter one that is.")
    if parts.username is not None or parts.password is not None:
        raise EgressRefused(
            "The address carries a user name or password; put the key into the endpoint's secret instead."
        )
    if not parts.hostname:
        raise EgressRefused(
            f"The address {url[:80]!r} has no host; enter one like https://api.example.com/v1."
        )


def check_sockaddr(policy: EgressPolicy, host: str) -> None:
    """Raise EgressRefused where the numeric `host` of a socket address may not be reached."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        raise EgressRefused(f"{host!r} is no numeric address; refusing to connect.") from None
    if reason := policy.refusal(address):
        raise EgressRefused(f"{reason}. An admin may allow its network for this endpoint.")


def _is_site_local(address: Address) -> bool:
    """fec0::/10, deprecated but still routed inside some networks."""
    return isinstance(address, ipaddress.IPv6Address) and address.is_site_local


def _is_shared(address: Address) -> bool:
    """Carrier-grade NAT space, which mesh VPNs use for one's own machines."""
    return isinstance(address, ipaddress.IPv4Address) and address in _SHARED
