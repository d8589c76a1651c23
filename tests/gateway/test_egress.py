"""The egress guard: what may be reached, in every spelling an address can take, decided at the moment of connecting."""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import socket
from typing import Any

import pytest

from workers.gateway.base import AskContext
from workers.gateway.egress import EgressPolicy, check_sockaddr, check_url, embedded
from workers.gateway.gateway import Gateway
from workers.gateway.transport import Transport
from workers.providers.base import Ask, HttpCall, Target
from workers.providers.errors import AskError, ConnectionLost, EgressRefused
from workers.providers.mock_faults import parse_faults
from workers.providers.mock_server import MockState

PUBLIC = EgressPolicy()
PRIVATE = EgressPolicy(allow_private=True)

FORBIDDEN = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "169.254.1.1", "100.64.0.1", "100.100.100.200", "0.0.0.0", "0.1.2.3", "192.0.0.192", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "::127.0.0.1",
    "::ffff:7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::1", "2002:a00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::1", "2001:db8::1", "fec0::1",
    "2001:0:0808:0808:0:0:80ff:fffe", "::5efe:10.0.0.1", "2a00:1450::5efe:192.168.1.1", "2a00:1450::200:5efe:7f00:1",
]  # fmt: skip
ALLOWED = [
    "8.8.8.8",
    "1.1.1.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]


@pytest.mark.parametrize("host", FORBIDDEN)
def test_forbidden_from_outside(host: str) -> None:
    with pytest.raises(EgressRefused):
        check_sockaddr(PUBLIC, host)


@pytest.mark.parametrize("host", ALLOWED)
def test_the_public_internet_is_open(host: str) -> None:
    check_sockaddr(PUBLIC, host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd12:3456::1", "100.64.0.1", "::ffff:10.0.0.1"]
)
def test_allow_private_opens_ones_own_networks(host: str) -> None:
    check_sockaddr(PRIVATE, host)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.1.1",
        "100.100.100.200",
        "fd00:ec2::254",
        "0.0.0.0",
        "224.0.0.1",
        "::ffff:169.254.169.254",
    ],
)
def test_allow_private_never_opens_metadata_or_link_local(host: str) -> None:
    with pytest.raises(EgressRefused):
        check_sockaddr(PRIVATE, host)


def test_an_allowed_network_opens_exactly_itself() -> None:
    policy = EgressPolicy.of(
        Target("mock", "http://x", "m", allowed_networks=("10.1.0.0/16", "169.254.169.254/32"))
    )
    for host in ("10.1.2.3", "::ffff:10.1.2.3", "169.254.169.254"):
        check_sockaddr(policy, host)
    for host in ("10.2.0.1", "127.0.0.1", "::1"):
        with pytest.raises(EgressRefused):
            check_sockaddr(policy, host)


def test_an_unreadable_network_is_refused_with_its_cure() -> None:
    with pytest.raises(EgressRefused, match=r"10\.1\.0\.0/16"):
        EgressPolicy.of(Target("mock", "http://x", "m", allowed_networks=("10.1.*",)))


def test_embedded_addresses_are_found() -> None:
    def inside(text: str) -> list[str]:
        return [str(found) for found in embedded(ipaddress.ip_address(text))]

    assert inside("::ffff:10.0.0.1") == ["10.0.0.1"]
    assert inside("2002:a00:1::") == ["10.0.0.1"]
    assert inside("2606:4700::1") == []
    assert inside("::1") == []


@pytest.mark.parametrize(
    "url",
    ["ftp://x/", "file:///etc/passwd", "gopher://x", "http:///v1", "http://user:pw@x/v1", "x/v1", "//x/v1"],
)
def test_addresses_that_are_no_api(url: str) -> None:
    with pytest.raises(EgressRefused):
        check_url(url)


HOSTS_TO_LOOPBACK = [
    "http://localhost:{port}/v1",
    "http://127.0.0.1:{port}/v1",
    "http://127.1:{port}/v1",
    "http://2130706433:{port}/v1",
    "http://0x7f000001:{port}/v1",
    "http://0177.0.0.1:{port}/v1",
    "http://0x7f.1:{port}/v1",
    "http://[::1]:{port}/v1",
    "http://[::ffff:127.0.0.1]:{port}/v1",
    "http://0:{port}/v1",
    "http://0.0.0.0:{port}/v1",
    "http://LOCALHOST.:{port}/v1",
    "http://①②⑦.⓪.⓪.①:{port}/v1",
    "http://127.0.0.1%2f:{port}/v1",
    "http://127。0。0。1:{port}/v1",
]


@pytest.mark.parametrize("address", HOSTS_TO_LOOPBACK)
async def test_no_spelling_reaches_loopback(address: str, target: Target, state: MockState, ask: Ask) -> None:
    port = target.base_url.split(":")[2].removesuffix("/v1")
    place = dataclasses.replace(target, base_url=address.format(port=port), allow_private=False)
    async with Gateway() as gateway:
        with pytest.raises(AskError) as caught:
            await asyncio.wait_for(gateway.ask(place, ask, context=AskContext(attempts_before=5)), 5.0)
    assert caught.value.verdict == "final"
    assert state.counts["requests"] == 0


async def test_rebinding_is_seen_where_the_socket_connects(
    target: Target, state: MockState, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that was public when the form was saved and is loopback now: the check sees what connect gets."""
    port = int(target.base_url.split(":")[2].removesuffix("/v1"))

    async def lying(self: Any, host: str, port: int = port, *args: Any, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lying)
    place = dataclasses.replace(target, base_url=f"http://public.example:{port}/v1", allow_private=False)
    async with Gateway() as gateway:
        with pytest.raises(EgressRefused, match=r"127\.0\.0\.1"):
            await gateway.ask(place, ask, context=AskContext())
    assert state.counts["requests"] == 0


async def test_a_redirect_is_not_followed(target: Target, state: MockState, ask: Ask) -> None:
    state.faults = parse_faults("redirect")
    async with Gateway() as gateway:
        with pytest.raises(EgressRefused, match="Redirects are never followed"):
            await gateway.ask(target, ask, context=AskContext())
    assert state.counts["requests"] == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/v1/x",
        "http://127.0.0.1:1/v1",
        "{origin}.evil.example/v1",
        "{origin}@evil.example/v1",
        "{origin}0/v1",
    ],
)
async def test_a_provider_cannot_send_the_key_elsewhere(url: str, target: Target, state: MockState) -> None:
    transport = Transport()
    try:
        origin = target.base_url.removesuffix("/v1")
        with pytest.raises(EgressRefused):
            await transport.sender(target)(HttpCall(url.format(origin=origin), {}))
    finally:
        await transport.close()


async def test_a_proxy_in_the_environment_is_ignored(
    target: Target, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with Gateway() as gateway:
        assert (await gateway.ask(target, ask, context=AskContext())).text


async def test_nobody_there_is_a_lost_connection_that_cost_nothing(ask: Ask) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    nobody = Target("openai_chat", f"http://127.0.0.1:{port}/v1", "m", allow_private=True)
    async with Gateway() as gateway:
        with pytest.raises(ConnectionLost, match="Is the server running") as caught:
            await gateway.ask(nobody, ask, context=AskContext(attempts_before=5))
    assert caught.value.billed == "no"
