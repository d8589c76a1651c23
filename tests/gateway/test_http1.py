"""One connection: every way an answer may be framed, cut or smuggled; headers and paths that cannot break out; TLS."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import gzip
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workers.gateway.base import AskContext
from workers.gateway.gateway import Gateway
from workers.gateway.pool import Origin, path_of
from workers.gateway.transport import Transport
from workers.providers.base import Ask, HttpCall, Target
from workers.providers.errors import (
    ConnectionLost,
    InvalidRequest,
    InvalidResponse,
)
from workers.providers.mock_server import MockState

LAST_TRY = AskContext(attempts_before=5)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's context with a fresh certificate for localhost, also left as cert.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_a_gzip_answer_within_the_cap_is_read(raw_server: Any, get: Any) -> None:
    packed = gzip.compress(b'{"ok": 1}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    if b"|" in packed:
        pytest.skip("the test's own separator")
    async with raw_server(head + packed) as target:
        assert (await get(target)).body == b'{"ok": 1}'


async def test_an_unknown_packing_is_invalid(raw_server: Any, get: Any) -> None:
    async with raw_server(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd-x\r\nContent-Length: 2\r\n\r\nxx"
    ) as target:
        with pytest.raises(InvalidResponse, match="packed"):
            await get(target)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Le",
    ],
)
async def test_a_cut_answer_is_never_an_answer(answer: bytes, raw_server: Any, get: Any) -> None:
    async with raw_server(answer) as target:
        with pytest.raises(ConnectionLost):
            await get(target)


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n"]
)
async def test_what_is_not_http_is_named(answer: bytes, raw_server: Any, get: Any) -> None:
    async with raw_server(answer) as target:
        with pytest.raises((InvalidResponse, ConnectionLost)):
            await get(target)


async def test_events_of_a_stream_come_whole_however_they_are_cut_up(raw_server: Any, get: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    body = b'data: {"a|": 1}\n|\nda|ta: {"b": 2}\r\n\r\n: comment\n\nevent: x\ndata: [DO|NE]\n\n'
    async with raw_server(head + body, pause_s=0.03) as target:
        answer = await get(target, stream=True)
    assert [data for _, data in answer.events] == [b'{"a": 1}', b'{"b": 2}', b"[DONE]"]
    assert answer.events[0][0] < answer.events[-1][0]


async def test_a_connection_the_server_closed_is_not_used_again(raw_server: Any) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    async with raw_server(answer) as target:
        transport = Transport()
        for _ in range(3):
            assert (await transport.sender(target)(HttpCall(f"{target.base_url}/x", {}))).body == b"{}"
            await asyncio.sleep(0.05)
        await transport.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: a\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n|HTTP/1.1 200 OK\r\nContent-|Length: 2\r\n\r\n{|}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[bad]",
    ],
)
async def test_every_way_an_answer_may_be_framed(answer: bytes, raw_server: Any, get: Any) -> None:
    async with raw_server(answer, pause_s=0.02) as target:
        got = await get(target)
    assert (got.status, got.body) == (200, b"{}")


async def test_an_answer_nobody_asked_for_is_never_taken_for_the_next_one(raw_server: Any) -> None:
    smuggled = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[bad]"
    )
    async with raw_server(smuggled, stay=True) as target:
        transport = Transport()
        for _ in range(3):
            assert (await transport.sender(target)(HttpCall(f"{target.base_url}/x", {}))).body == b"{}"
        await transport.close()


async def test_endless_headers_are_cut(raw_server: Any, get: Any) -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 200_000) as target:
        with pytest.raises(InvalidResponse):
            await get(target)


@pytest.mark.parametrize("headers", [{"X-A": "a\r\nX-B: b"}, {"X A": "a"}, {"X-Ä": "a"}, {"X-A": "a\x00"}])
async def test_no_header_can_break_out(
    headers: dict[str, str], target: Target, state: MockState, ask: Ask
) -> None:
    for place in (
        dataclasses.replace(target, extra_headers=headers),
        dataclasses.replace(target, api_key="k\r\nX: y"),
    ):
        async with Gateway() as gateway:
            with pytest.raises(InvalidRequest, match="header"):
                await gateway.ask(place, ask, context=AskContext())
    assert state.counts["requests"] == 0


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://h/v1/x", "/v1/x"),
        ("http://h", "/"),
        ("http://h/a b\r\nX: y?q=1 2#f", "/a%20bX:%20y?q=1%202"),
        ("http://h/模型", "/%E6%A8%A1%E5%9E%8B"),
        ("http://h/a%2Fb?x=%20", "/a%2Fb?x=%20"),
    ],
)
def test_no_path_can_break_out(url: str, path: str) -> None:
    assert path_of(url) == path


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("https://api.example.com/v1", "api.example.com"),
        ("https://api.example.com:8443/v1", "api.example.com:8443"),
        ("http://[2606:4700::1]:80/v1", "[2606:4700::1]"),
        ("http://BÜCHER.example/v1", "xn--bcher-kva.example"),
    ],
)
def test_the_host_header(url: str, header: str) -> None:
    assert Origin.of(url).header == header


async def test_a_certificate_that_does_not_hold_is_a_lost_connection(tmp_path: Path, ask: Ask) -> None:
    """Our own server with a certificate nobody signed; the client must not talk to it."""
    context = self_signed(tmp_path)
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    place = Target("openai_chat", f"https://127.0.0.1:{port}/v1", "m", "sk-1", allow_private=True)
    async with Gateway() as gateway:
        with pytest.raises(ConnectionLost, match="certificate"):
            await gateway.ask(place, ask, context=LAST_TRY)
    server.close()


async def test_tls_with_a_certificate_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, get: Any
) -> None:
    context = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    monkeypatch.setattr("workers.gateway.pool.tls_context", lambda: trusting)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    answer = await get(Target("openai_chat", f"https://localhost:{port}/v1", "m", allow_private=True))
    assert answer.body == b"{}"
    server.close()
