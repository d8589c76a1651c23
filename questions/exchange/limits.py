"""Files from strangers: how large, how deep and how packed they may be, checked before anything is built from them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from questions.exchange.record import ExchangeError

LARGEST = 20 * 2**20
MOST_MEMBERS = 1000
MOST_PACKED = 100
DEEPEST = 60
MOST_ROWS = 200_000
_LINK = 0o120000
_FOLDER, _FILE = 0o040000, 0o100000


def within_size(data: bytes) -> bytes:
    """The data, or ExchangeError where they are empty or above 20 MB."""
    if not data.strip():
        raise ExchangeError("The file is empty; export one to see the shape that is read.")
    if len(data) > LARGEST:
        raise ExchangeError(f"The file has {len(data):,} bytes; at most {LARGEST:,} are read. Split it.")
    return data


def text_of(data: bytes) -> str:
    """As UTF-8, a byte-order mark allowed. Raises ExchangeError naming the place of the first bad byte."""
    try:
        return within_size(data).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExchangeError(
            f"Byte {error.start} is not UTF-8 ({error.reason}); save the file as UTF-8."
        ) from error


def xml_of(data: bytes) -> Element:
    """The root of an XML document without entities, DTD or more than 60 levels. Raises ExchangeError."""
    root: Element | None = None
    depth = 0
    try:
        for event, element in iterparse(
            io.BytesIO(within_size(data)), events=("start", "end"), forbid_dtd=True
        ):
            depth += 1 if event == "start" else -1
            root = element if root is None else root
            if depth > DEEPEST:
                raise ExchangeError(f"The XML is nested deeper than {DEEPEST} levels; flatten it.")
    except DefusedXmlException as error:
        raise ExchangeError(f"The XML declares a DTD or entities ({error}); remove them.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise (
            error if isinstance(error, ExchangeError) else ExchangeError(f"This is no XML: {error}.")
        ) from error
    if root is None:
        raise ExchangeError("The XML has no root element.")
    return root


@contextmanager
def opened_zip(data: bytes) -> Iterator[zipfile.ZipFile]:
    """A zip archive whose member list is harmless. Raises ExchangeError for more than 1000 members, absolute or climbing
    paths, links, encryption, names that occur twice, or a promise to grow more than 100 times or above 20 MB in all.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(within_size(data)))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise (
            error if isinstance(error, ExchangeError) else ExchangeError(f"This is no zip archive: {error}.")
        ) from error
    with archive:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise ExchangeError(f"The archive has {len(members)} members; at most {MOST_MEMBERS} are read.")
        if len({member.filename for member in members}) < len(members):
            raise ExchangeError("The archive names a member twice; build it anew.")
        for member in members:
            _refuse_member(member)
        total = sum(member.file_size for member in members)
        if total > LARGEST:
            raise ExchangeError(f"The archive unpacks to {total:,} bytes; at most {LARGEST:,} are read.")
        yield archive


def member_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a member, never more than it promised. Raises ExchangeError where it is missing or broken."""
    try:
        promised = archive.getinfo(name).file_size
        with archive.open(name) as file:
            found = file.read(promised + 1)
    except KeyError:
        raise ExchangeError(f"The archive has no {name!r}; it is incomplete.") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise ExchangeError(f"{name!r} cannot be unpacked: {error}.") from error
    if len(found) > promised:
        raise ExchangeError(f"{name!r} unpacks to more than it says; the archive is not to be trusted.")
    return found


def _refuse_member(member: zipfile.ZipInfo) -> None:
    name, kind = member.filename, (member.external_attr >> 16) & 0o170000
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        raise ExchangeError(
            f"The archive holds {name!r}, a path that leaves it; members are relative and inside."
        )
    if kind not in (0, _FILE, _FOLDER):
        what = "a link" if kind == _LINK else "a special file"
        raise ExchangeError(f"The archive holds {name!r}, {what}; only plain files are read.")
    if member.flag_bits & 1:
        raise ExchangeError(f"The archive encrypts {name!r}; pack it without a password.")
    if member.file_size > MOST_PACKED * max(member.compress_size, 1) and member.file_size > 2**16:
        raise ExchangeError(
            f"{name!r} grows more than {MOST_PACKED} times when unpacked; it is refused as a zip bomb."
        )
