"""GIFT, Moodle's plain text format: https://docs.moodle.org/en/GIFT_format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from questions.exchange.base import Format
from questions.exchange.limits import text_of
from questions.exchange.record import Loss, LossBook, Record, Row
from questions.exchange.sheet import (
    Option,
    Sheet,
    joined,
    language_of,
    losses,
    notes_of,
    sheets_of,
    split_name,
    stem_with_unit,
    with_notes,
)

_SPECIAL = re.compile(r"([~=#{}:\\])")
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_TITLE = re.compile(r"\A::(.*?)(?<!\\)::", re.DOTALL)
_FORMAT = re.compile(r"\A\[(html|markdown|moodle|plain)\]")
_NOTE = re.compile(r"evalhub:(\w+)=(.*)")
_ANSWER = re.compile(r"(?P<sign>(?<!\\)[=~])(?:%(?P<share>-?[\d.]+)%)?(?P<text>(?:\\.|[^=~\\])*)", re.DOTALL)
_KINDS = ("single_choice", "multiple_choice", "numeric", "short_text", "long_text")


class Gift(Format):
    """One language a question, named `slug.language`; a comment above each holds topic, licence and author."""

    name = "gift"
    suffix = ".gift.txt"
    media_type = "text/plain"

    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        book, parts = LossBook(self.name), []
        for record in records:
            if record.kind not in _KINDS:
                book.leave_out(record.slug, f"GIFT has no {record.kind}; use jsonl or markdown")
                continue
            parts += [_written(sheet) for sheet in sheets_of(record)]
            book.count(*losses(record))
        return "\n\n".join(parts).encode() + b"\n", book.closed()

    def read(self, data: bytes) -> Iterator[Row]:
        sheets: list[tuple[int, Sheet]] = []
        for place, (notes, text) in enumerate(_blocks(text_of(data)), start=1):
            try:
                sheets.append((place, with_notes(_read(place, text), notes)))
            except ValueError as error:
                yield Row(place, None, str(error))
        yield from joined(sheets)


def _written(sheet: Sheet) -> str:
    head = [f"// evalhub:{name}={value}" for name, value in notes_of(sheet).items()]
    why = _escaped(sheet.reference or sheet.solution)
    inside = _answers(sheet) + (f"\n####{why}" if why else "")
    return "\n".join(
        [*head, f"::{_escaped(sheet.name)}::[markdown]{_escaped(stem_with_unit(sheet))} {{{inside}\n}}"]
    )


def _answers(sheet: Sheet) -> str:
    if sheet.kind == "numeric":
        return f"\n#={sheet.value!r}:{sheet.tolerance!r}"
    if sheet.kind == "short_text":
        return "".join(f"\n=%100%{_escaped(text)}" for text in sheet.accepted)
    right = sum(option.is_right for option in sheet.options)
    lines = []
    for option in sheet.options:
        if sheet.kind == "single_choice":
            sign = "=" if option.is_right else "~"
        else:
            share = 100 / right if option.is_right else -100 / max(len(sheet.options) - right, 1)
            sign = f"~%{share:.5f}%".replace(".00000%", "%")
        lines.append(
            f"\n{sign}{_escaped(option.text)}"
            + (f"#{_escaped(option.rationale)}" if option.rationale else "")
        )
    return "".join(lines)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "\\n")


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text.strip()).strip()


def _blocks(text: str) -> Iterator[tuple[dict[str, str], str]]:
    """Questions are parted by blank lines outside braces; our own comments above one are its notes."""
    notes: dict[str, str] = {}
    lines: list[str] = []
    depth = 0
    for line in [*text.splitlines(), ""]:
        if not depth and (found := _NOTE.search(line)) and line.lstrip().startswith("//"):
            notes |= {found[1]: found[2].strip()}
        elif not depth and not line.strip():
            if lines:
                yield notes, "\n".join(lines)
                notes, lines = {}, []
        elif depth or not line.lstrip().startswith(("//", "$CATEGORY")):
            lines.append(line)
            bare = re.sub(r"\\.", "", line)
            depth = max(0, depth + bare.count("{") - bare.count("}"))
    if lines:
        yield notes, "\n".join(lines)


def _read(place: int, text: str) -> Sheet:
    name, rest = "", text.strip()
    if titled := _TITLE.match(rest):
        name, rest = _plain(titled[1]), rest[titled.end() :].strip()
    rest = _FORMAT.sub("", rest).strip()
    opened = re.search(r"(?<!\\)\{", rest)
    closed = [found.start() for found in re.finditer(r"(?<!\\)\}", rest)]
    if not opened or not closed:
        raise ValueError("has no answers in braces; descriptions are not imported")
    stem = _plain(rest[: opened.start()])
    if tail := rest[closed[-1] + 1 :].strip():
        stem = f"{stem} ____ {_plain(tail)}"
    inside = rest[opened.end() : closed[-1]].strip()
    slug, language = split_name(name, f"gift-{place}", stem)
    inside, solution = _with_feedback(inside)
    return _answered(Sheet(slug, language, "long_text", stem, solution=solution), inside)


def _with_feedback(inside: str) -> tuple[str, str]:
    parts = re.split(r"(?<!\\)####", inside, maxsplit=1)
    return parts[0].strip(), _plain(parts[1]) if len(parts) > 1 else ""


def _answered(sheet: Sheet, inside: str) -> Sheet:
    if not inside:
        return replace(sheet, reference=sheet.solution, solution="")
    if inside.startswith("#"):
        return _numeric(sheet, inside[1:].strip())
    if (truth := re.split(r"(?<!\\)#", inside)[0].strip().upper()) in ("T", "TRUE", "F", "FALSE"):
        return _true_or_false(sheet, is_true=truth.startswith("T"))
    found = list(_ANSWER.finditer(inside))
    is_matching = "->" in inside and all(entry["sign"] == "=" for entry in found)
    if not found or is_matching:
        raise ValueError(
            f"has answers {inside[:40]!r} of a kind that is not imported (matching, or none at all)"
        )
    options = [_option(entry) for entry in found]
    if all(entry["sign"] == "=" for entry in found):
        return replace(sheet, kind="short_text", accepted=tuple(option.text for option in options))
    right = sum(option.is_right for option in options)
    is_single = right == 1 and any(entry["sign"] == "=" for entry in found)
    return replace(sheet, kind="single_choice" if is_single else "multiple_choice", options=tuple(options))


def _option(found: re.Match[str]) -> Option:
    parts = re.split(r"(?<!\\)#", found["text"], maxsplit=1)
    is_right = float(found["share"]) > 0 if found["share"] else found["sign"] == "="
    return Option(_plain(parts[0]), is_right, _plain(parts[1]) if len(parts) > 1 else "")


def _numeric(sheet: Sheet, text: str) -> Sheet:
    number = re.split(r"(?<!\\)#", text.lstrip("="))[0].strip()
    if span := re.fullmatch(r"(-?[\d.eE+-]+)\.\.(-?[\d.eE+-]+)", number):
        low, high = float(span[1]), float(span[2])
        return replace(sheet, kind="numeric", value=(low + high) / 2, tolerance=abs(high - low) / 2)
    value, _, room = number.partition(":")
    try:
        return replace(sheet, kind="numeric", value=float(value), tolerance=float(room or 0))
    except ValueError:
        raise ValueError(
            f"has the number {number[:40]!r}; several numbers with shares are not imported"
        ) from None


def _true_or_false(sheet: Sheet, *, is_true: bool) -> Sheet:
    words = ("对", "错") if language_of(sheet.stem) == "zh-Hans" else ("True", "False")
    options = (Option(words[0], is_true), Option(words[1], not is_true))
    return replace(sheet, kind="single_choice", options=options)


GIFT = Gift()
