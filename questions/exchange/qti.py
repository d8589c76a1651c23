"""QTI 3 content packages (1EdTech, https://www.imsglobal.org/spec/qti/v3p0/impl): an item a question, both languages in it."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from questions.exchange.base import Format
from questions.exchange.limits import member_of, opened_zip, xml_of
from questions.exchange.qti_item import item_of
from questions.exchange.qti_reader import sheets_in
from questions.exchange.record import ExchangeError, Loss, LossBook, Record, Row
from questions.exchange.sheet import Sheet, joined, losses, notes_of, sheets_of, with_notes

PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_MANIFEST = "imsmanifest.xml"
_TYPE = "imsqti_item_xmlv3p0"
_WHEN = (2026, 1, 1, 0, 0, 0)  # zip members carry a time; a fixed one keeps equal exports equal bytes


class Qti(Format):
    """`imsmanifest.xml` and `items/SLUG.xml`; topic, licence and the like are LOM keywords `name=value`."""

    name = "qti"
    suffix = ".qti.zip"
    media_type = "application/zip"

    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        book, items = LossBook(self.name), []
        for record in records:
            sheets = list(sheets_of(record))
            if not sheets:
                book.leave_out(record.slug, f"QTI has no {record.kind}; use jsonl")
                continue
            items.append(sheets)
            book.count(*losses(record))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, _MANIFEST, _manifest([sheets[0] for sheets in items]))
            for sheets in items:
                _add(archive, _path(sheets[0]), item_of(sheets))
        return out.getvalue(), book.closed()

    def read(self, data: bytes) -> Iterator[Row]:
        with opened_zip(data) as archive:
            sheets: list[tuple[int, Sheet]] = []
            for place, (path, notes) in enumerate(_resources(xml_of(member_of(archive, _MANIFEST))), start=1):
                try:
                    found = sheets_in(xml_of(member_of(archive, path)), place)
                    sheets += [(place, with_notes(sheet, notes)) for sheet in found]
                except ValueError as error:
                    yield Row(place, None, f"{path}: {error}")
            yield from joined(sheets)


def _path(sheet: Sheet) -> str:
    return f"items/{sheet.slug}.xml"


def _add(archive: zipfile.ZipFile, path: str, element: Element) -> None:
    member = zipfile.ZipInfo(path, _WHEN)
    member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
    archive.writestr(member, tostring(element, encoding="utf-8", xml_declaration=True))


def _manifest(sheets: list[Sheet]) -> Element:
    register_namespace("lom", LOM)
    root = Element(_in(PACKAGE, "manifest"), identifier="evalhub-bank")
    root.set(
        f"{{{_XSI}}}schemaLocation",
        f"{PACKAGE} https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd",
    )
    metadata = SubElement(root, _in(PACKAGE, "metadata"))
    SubElement(metadata, _in(PACKAGE, "schema")).text = "QTI Package"
    SubElement(metadata, _in(PACKAGE, "schemaversion")).text = "3.0.0"
    SubElement(root, _in(PACKAGE, "organizations"))
    resources = SubElement(root, _in(PACKAGE, "resources"))
    for sheet in sheets:
        resource = SubElement(
            resources, _in(PACKAGE, "resource"), identifier=f"r-{sheet.slug}", type=_TYPE, href=_path(sheet)
        )
        lom = SubElement(SubElement(resource, _in(PACKAGE, "metadata")), _in(LOM, "lom"))
        general = SubElement(lom, _in(LOM, "general"))
        for name, value in notes_of(sheet).items():
            SubElement(
                SubElement(general, _in(LOM, "keyword")), _in(LOM, "string"), language="en"
            ).text = f"{name}={value}"
        SubElement(resource, _in(PACKAGE, "file"), href=_path(sheet))
    return root


def _resources(manifest: Element) -> Iterator[tuple[str, dict[str, str]]]:
    """(path of the item, its notes) for each item of the package; tests, stimuli and files are passed over."""
    if _local(manifest) != "manifest":
        raise ExchangeError(
            f"{_MANIFEST} has the root <{_local(manifest)}>; a content package has <manifest>."
        )
    found = False
    for resource in manifest.iter():
        if _local(resource) == "resource" and resource.get("type", "").startswith("imsqti_item"):
            if "v3p0" not in resource.get("type", ""):
                raise ExchangeError(
                    f"The package holds {resource.get('type')!r}; this reads QTI 3 only, convert it first."
                )
            texts = [entry.text or "" for entry in resource.iter() if _local(entry) == "string"]
            pairs = (text.partition("=") for text in texts if "=" in text)
            found = True
            yield posixpath.normpath(resource.get("href", "")), {name: value for name, _, value in pairs}
    if not found:
        raise ExchangeError("The package names no QTI 3 item (resources of type imsqti_item_xmlv3p0).")


def _in(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


QTI = Qti()
