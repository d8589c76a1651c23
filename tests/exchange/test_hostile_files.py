"""Files made to do harm: refused by name, within two seconds, before anything is built from them."""

from __future__ import annotations

import io
import stat
import time
import zipfile
from collections.abc import Callable

import pytest

from questions.exchange import FORMATS
from questions.exchange.record import ExchangeError

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><quiz>&j;</quiz>"
)


def zipped(fill: Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        fill(archive)
    return out.getvalue()


def member(name: str, data: bytes = b"x", mode: int = 0o100644) -> bytes:
    def fill(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, data, zipfile.ZIP_DEFLATED)

    return zipped(fill)


def lying() -> bytes:
    """A member whose header promises 10 bytes and that unpacks to 50 000."""
    data = bytearray(member("imsmanifest.xml", b"<manifest>" + b"a" * 50_000))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


HOSTILE = [
    ("moodle_xml", LAUGHS, "DTD or entities"),
    ("moodle_xml", b'<!DOCTYPE q SYSTEM "file:///etc/passwd"><quiz/>', "DTD or entities"),
    ("moodle_xml", b"<quiz>" + b"<a>" * 100_000, "nested deeper"),
    ("moodle_xml", b"<quiz", "no XML"),
    ("moodle_xml", b"<html/>", "root element"),
    ("moodle_xml", b'<?xml version="1.0" encoding="nonsense"?><quiz/>', "no XML"),
    ("moodle_xml", b" " * 10, "empty"),
    ("jsonl", b"x" * (20 * 2**20 + 1), "at most"),
    ("jsonl", b"\xff\xfe", "not UTF-8"),
    ("jsonl", b"\n" * 300_000 + b"{}", "more than"),
    ("csv", b"a,b\n1,2\n", "unknown columns"),
    ("csv", b'kind,topic\n"a"b,c\n', "no CSV"),
    ("qti", b"PK\x03\x04 nothing", "no zip archive"),
    ("qti", zipped(lambda z: [z.writestr(f"{n}.xml", "x") for n in range(1001)] and None), "1001 members"),
    ("qti", member("bomb.xml", b"\0" * 10_000_000), "zip bomb"),
    ("qti", member("../up.xml"), "leaves it"),
    ("qti", member("/etc/passwd"), "leaves it"),
    ("qti", member("a\\..\\..\\b.xml"), "leaves it"),
    ("qti", member("link.xml", b"/etc/passwd", stat.S_IFLNK | 0o777), "a link"),
    ("qti", member("pipe.xml", b"", stat.S_IFIFO | 0o644), "special file"),
    ("qti", member("other.xml"), "no 'imsmanifest.xml'"),
    ("qti", lying(), "imsmanifest.xml"),
    ("qti", member("imsmanifest.xml", LAUGHS), "DTD or entities"),
    ("qti", member("imsmanifest.xml", b"<manifest/>"), "names no QTI 3 item"),
]


@pytest.mark.parametrize(("name", "data", "why"), HOSTILE, ids=[f"{name}-{why}" for name, _, why in HOSTILE])
def test_refused_in_two_seconds(name: str, data: bytes, why: str) -> None:
    start = time.process_time()
    with pytest.raises(ExchangeError, match=why):
        list(FORMATS[name].read(data))
    assert time.process_time() - start < 2


def test_members_that_together_are_too_large_are_refused() -> None:
    import random

    block = random.Random(1).randbytes(5_000_000)
    data = zipped(lambda z: [z.writestr(f"{n}.bin", bytes([n]) + block[:-40] * 1) for n in range(3)] and None)
    assert len(data) < 20 * 2**20
    more = zipped(lambda z: [z.writestr(f"{n}.bin", block[n:] + b"0" * 2_000_000) for n in range(3)] and None)
    with pytest.raises(ExchangeError, match="unpacks to"):
        list(FORMATS["qti"].read(more))


def test_a_name_twice_is_refused() -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = zipped(lambda z: [z.writestr("a.xml", text) for text in "ab"] and None)
    with pytest.raises(ExchangeError, match="twice"):
        list(FORMATS["qti"].read(data))


def test_a_body_nested_without_end_is_one_bad_row() -> None:
    deep = '{"schema":1,"slug":"x","kind":"a","topic":"F1","body":{"a":' + "[" * 300 + "]" * 300 + "}}"
    (row,) = FORMATS["jsonl"].read(deep.encode())
    assert "nested deeper" in row.problem
    (worse,) = FORMATS["jsonl"].read(('{"body":' + "[" * 100_000).encode())
    assert "no JSON" in worse.problem


def test_gift_of_nothing_but_braces_takes_no_time() -> None:
    start = time.process_time()
    list(FORMATS["gift"].read(b"::a:: " + b"{~" * 100_000))
    list(FORMATS["gift"].read(b"{=" + b"\\" * 200_000 + b"}"))
    list(
        FORMATS["markdown"].read(
            b"## a\n- kind: single_choice\n### en\nx\n#### Choices\n" + b"- [ ] a\n  b\n" * 30_000
        )
    )
    assert time.process_time() - start < 2
