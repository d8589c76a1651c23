"""Markdown to read, print and keep in a repository: a heading a question, a section a language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from questions.exchange.base import LANGUAGES, Format
from questions.exchange.limits import text_of
from questions.exchange.record import Loss, LossBook, Record, Row
from questions.exchange.sheet import (
    KINDS,
    Option,
    Sheet,
    joined,
    losses,
    notes_of,
    sheets_of,
    with_notes,
)

_QUESTION = re.compile(r"^## (\S+)[ \t]*$", re.MULTILINE)
_NOTE = re.compile(r"^- ([a-z]+): (.*)$", re.MULTILINE)
_LANGUAGE = re.compile(r"^### (zh-Hans|en)[ \t]*$", re.MULTILINE)
_PART = re.compile(
    r"^#### (Choices|Steps|Accepted|Answer|Reference answer|Rubric|Solution)[ \t]*$", re.MULTILINE
)
_CHOICE = re.compile(r"^- \[([ xX])\] (.*(?:\n  (?!> ).*|\n)*)((?:  > ?.*\n?)*)", re.MULTILINE)
_STEP = re.compile(r"^\d+\. (.*(?:\n   .*)*)", re.MULTILINE)
_VALUE = re.compile(r"(\S+) ± (\S+) ?(.*)")


class Markdown(Format):
    """Choices are a task list, the right ones ticked, each with its rationale as a quotation below it."""

    name = "markdown"
    suffix = ".md"
    media_type = "text/markdown"

    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        book, parts = LossBook(self.name), ["# Questions"]
        for record in records:
            sheets = list(sheets_of(record))
            if not sheets:
                book.leave_out(record.slug, f"{record.kind} has no Markdown form; use jsonl")
                continue
            notes = [
                f"- {name}: {value}" for name, value in {"kind": record.kind, **notes_of(sheets[0])}.items()
            ]
            parts += [f"## {record.slug}", "\n".join(notes)]
            parts += [part for sheet in sheets for part in _parts(sheet)]
            book.count(*losses(record))
        return ("\n\n".join(parts) + "\n").encode(), book.closed()

    def read(self, data: bytes) -> Iterator[Row]:
        pieces = _QUESTION.split(text_of(data).replace("\r\n", "\n"))
        sheets: list[tuple[int, Sheet]] = []
        for place, (slug, text) in enumerate(zip(pieces[1::2], pieces[2::2], strict=True), start=1):
            try:
                sheets += [(place, sheet) for sheet in _read(slug, text)]
            except ValueError as error:
                yield Row(place, None, f"{slug}: {error}")
        yield from joined(sheets)


def _parts(sheet: Sheet) -> Iterator[str]:
    yield f"### {sheet.language}"
    yield sheet.stem
    for title, lines in (
        ("Choices", [_choice(option) for option in sheet.options]),
        ("Steps", [f"{at}. {_indented(step, 3)}" for at, step in enumerate(sheet.steps, start=1)]),
        ("Accepted", [f"- {text}" for text in sheet.accepted]),
        (
            "Answer",
            [f"{sheet.value!r} ± {sheet.tolerance!r} {sheet.unit}"] if sheet.kind == "numeric" else [],
        ),
        ("Reference answer", [sheet.reference] if sheet.reference else []),
        ("Rubric", [f"- {line}" for line in sheet.rubric]),
        ("Solution", [sheet.solution] if sheet.solution else []),
    ):
        if lines:
            yield f"#### {title}"
            yield "\n".join(lines)


def _choice(option: Option) -> str:
    line = f"- [{'x' if option.is_right else ' '}] {_indented(option.text, 2)}"
    why = "\n".join(f"  > {text}".rstrip() for text in option.rationale.split("\n"))
    return f"{line}\n{why}" if option.rationale else line


def _indented(text: str, by: int) -> str:
    return text.replace("\n", "\n" + " " * by)


def _read(slug: str, text: str) -> list[Sheet]:
    head, *sides = _LANGUAGE.split(text)
    notes = dict(_NOTE.findall(head))
    kind = notes.pop("kind", "")
    if kind not in KINDS:
        raise ValueError(
            f"kind is {kind!r}; write `- kind: ` and one of {', '.join(KINDS)} below the heading"
        )
    if not sides:
        raise ValueError(
            f"has no section `### {LANGUAGES[1]}` or `### {LANGUAGES[0]}`; write the question in one"
        )
    pairs = zip(sides[::2], sides[1::2], strict=True)
    return [_sheet(Sheet(slug, language, kind, ""), notes, side) for language, side in pairs]


def _sheet(empty: Sheet, notes: dict[str, str], text: str) -> Sheet:
    stem, *pieces = _PART.split(text)
    parts = {title: body.strip("\n") for title, body in zip(pieces[::2], pieces[1::2], strict=True)}
    fields: dict[str, Any] = {"stem": stem.strip(), "options": _options(parts.get("Choices", ""))}
    fields["steps"] = tuple(_outdented(step, 3) for step in _STEP.findall(parts.get("Steps", "")))
    fields["accepted"] = _dashed(parts.get("Accepted", ""))
    fields["rubric"] = _dashed(parts.get("Rubric", ""))
    fields["reference"] = parts.get("Reference answer", "").strip()
    fields["solution"] = parts.get("Solution", "").strip()
    sheet = replace(with_notes(empty, notes), **fields)
    return _numeric(sheet, parts.get("Answer", ""), notes) if sheet.kind == "numeric" else sheet


def _numeric(sheet: Sheet, text: str, notes: dict[str, str]) -> Sheet:
    found = _VALUE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"has the answer {text[:40]!r}; write value ± tolerance unit, such as 112 ± 2 GB")
    value, room = float(found[1]), float(found[2])
    return replace(sheet, value=value, tolerance=room, unit=found[3].strip() or notes.get("unit", ""))


def _options(text: str) -> tuple[Option, ...]:
    return tuple(
        Option(_outdented(found[2].rstrip("\n"), 2), found[1] in "xX", _unquoted(found[3]))
        for found in _CHOICE.finditer(text + "\n")
    )


def _unquoted(text: str) -> str:
    return "\n".join(re.sub(r"^  > ?", "", line) for line in text.rstrip("\n").split("\n")).strip()


def _outdented(text: str, by: int) -> str:
    return text.replace("\n" + " " * by, "\n").strip()


def _dashed(text: str) -> Sequence[str]:
    return tuple(line[2:].strip() for line in text.split("\n") if line.startswith("- "))


MARKDOWN = Markdown()
