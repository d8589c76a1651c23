"""One question in one language: what single-language formats (Moodle, GIFT, QTI) write and read.

`sheet_of` cuts a record down to it; `joined` puts the languages together again by the question's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from questions.exchange.base import LANGUAGES
from questions.exchange.record import Record, Row
from questions.kinds.texts import is_cjk

META = ("style", "depth", "audience", "stage", "difficulty", "also")
KINDS = ("single_choice", "multiple_choice", "numeric", "short_text", "ordering", "long_text")
_SLUG = re.compile(r"[^a-z0-9]+")
_NAMED = re.compile(r"(?P<slug>[a-z0-9][a-z0-9-]*)\s*[.:\[(]\s*(?P<language>zh-Hans|en)\s*[\])]?")


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: its text, whether it is right, and why."""

    text: str
    is_right: bool
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One question in one language; which fields are filled depends on its kind. `tolerance` is absolute, in `unit`."""

    slug: str
    language: str
    kind: str
    stem: str
    topic: str = ""
    solution: str = ""
    options: Sequence[Option] = ()
    value: float = 0.0
    tolerance: float = 0.0
    unit: str = ""
    accepted: Sequence[str] = ()
    steps: Sequence[str] = ()
    reference: str = ""
    rubric: Sequence[str] = ()
    licence: str = ""
    author: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`slug.language`: how the two sides of a question find each other again."""
        return f"{self.slug}.{self.language}"


def sheets_of(record: Record) -> Iterator[Sheet]:
    """The record in each language it has a stem in; nothing for kinds that need more than one page (interview, code)."""
    body = record.shown
    if record.kind not in KINDS:
        return
    for language in LANGUAGES:
        if stem := _side(body.get("stem"), language):
            yield _sheet(record, body, language, stem)


def losses(record: Record) -> list[str]:
    """What a sheet does not say of a record, in the words of the loss report."""
    body = record.shown
    found = {
        "parameters of the family (its rendering with seed 0 is written)": bool(record.family),
        "references": bool(body.get("references")),
        "hints": bool(body.get("hints")),
        "the check that recomputes a number": "check" in body,
        "kind of tolerance (written as an absolute one)": _tolerance_kind(body)
        in ("relative", "significant"),
        "rubric as points and aliases (its text is written)": "rubric" in body,
        "graded sample answers": "anchors" in body,
        "solution beside the reference answer": "reference" in body and "solution" in body,
        "fixed order of choices": "order" in body,
        "version, status and history": True,
    }
    return [thing for thing, is_lost in found.items() if is_lost]


def notes_of(sheet: Sheet) -> dict[str, str]:
    """What a format has no field for, as short texts a comment or tag can hold."""
    told = {
        "topic": sheet.topic,
        "licence": sheet.licence,
        "author": sheet.author,
        "unit": sheet.unit,
        **sheet.meta,
    }
    return {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in told.items()
        if value
    }


def with_notes(sheet: Sheet, notes: Mapping[str, str]) -> Sheet:
    """The sheet with notes that `notes_of` wrote; unknown names and numbers that are none are passed over."""
    meta: dict[str, Any] = {}
    for name, value in notes.items():
        if name in ("audience", "also"):
            meta[name] = [part for part in value.split(",") if part]
        elif name in ("style", "depth") or (name in ("stage", "difficulty") and value.isdecimal()):
            meta[name] = int(value) if value.isdecimal() else value
    fixed = {name: notes.get(name, "") for name in ("topic", "licence", "author", "unit")}
    found = replace(sheet, meta=meta, topic=fixed["topic"], licence=fixed["licence"], author=fixed["author"])
    marked = f" ({fixed['unit']})"
    if fixed["unit"] and found.stem.endswith(marked):
        return replace(found, unit=fixed["unit"], stem=found.stem.removesuffix(marked))
    return found


def stem_with_unit(sheet: Sheet) -> str:
    """The stem, ending in the unit asked for where there is one."""
    return sheet.stem + (f" ({sheet.unit})" if sheet.unit else "")


def joined(sheets: Iterable[tuple[int, Sheet]]) -> Iterator[Row]:
    """Records from (place, sheet) pairs: sides of one name, kind and shape become one question, in the file's order."""
    groups: dict[str, list[tuple[int, Sheet]]] = {}
    for place, sheet in sheets:
        groups.setdefault(sheet.slug, []).append((place, sheet))
    for slug, members in groups.items():
        while members:
            place, first = members.pop(0)
            partner = next((m for m in members if _matches(first, m[1])), None)
            if partner:
                members.remove(partner)
            sides = [first, *([partner[1]] if partner else [])]
            yield Row(place, Record(
                slug=slug, kind=first.kind, topic=first.topic, body=_body(slug, sides),
                author=first.author, licence=first.licence,
            ))  # fmt: skip


def split_name(name: str, fallback: str, text: str) -> tuple[str, str]:
    """(slug, language) from a name we wrote, else a slug made of it and the language the text is in."""
    if found := _NAMED.search(name):
        return found["slug"], found["language"]
    slug = _SLUG.sub("-", name.casefold()).strip("-")[:80].strip("-") or fallback
    return slug, language_of(text)


def language_of(text: str) -> str:
    """zh-Hans where at least a tenth of the signs are Han characters, else en."""
    return "zh-Hans" if sum(map(is_cjk, text)) * 10 >= max(len(text), 1) else "en"


def _sheet(record: Record, body: Mapping[str, Any], language: str, stem: str) -> Sheet:
    answer = body.get("answer") or {}
    accepted = answer.get("accepted") or {}
    return Sheet(
        slug=record.slug,
        language=language,
        kind=record.kind,
        stem=stem,
        topic=record.topic,
        solution=_side(body.get("solution"), language),
        options=tuple(
            Option(
                _side(c.get("text"), language), c.get("correct") is True, _side(c.get("rationale"), language)
            )
            for c in body.get("choices") or ()
        ),
        value=float(answer.get("value", 0.0)),
        tolerance=_absolute(answer) if "value" in answer else 0.0,
        unit=str(answer.get("unit", "")),
        accepted=tuple(map(str, accepted.get(language) or ())),
        steps=tuple(_side(step, language) for step in body.get("steps") or ()),
        reference=_side(body.get("reference"), language),
        rubric=tuple(
            f"{c.get('points'):g} ({c.get('role')}): {_side(c.get('text'), language)}"
            for c in body.get("rubric") or ()
        ),
        licence=record.licence,
        author=record.author,
        meta={name: body[name] for name in META if body.get(name)},
    )


def _side(pair: Any, language: str) -> str:
    return str(pair.get(language) or "").strip() if isinstance(pair, Mapping) else ""


def _tolerance_kind(body: Mapping[str, Any]) -> str:
    return str(((body.get("answer") or {}).get("tolerance") or {}).get("kind", ""))


def _absolute(answer: Mapping[str, Any]) -> float:
    """The room around the value, in its unit."""
    value, room = abs(float(answer["value"])), answer.get("tolerance") or {"kind": "absolute", "value": 0.0}
    if room["kind"] == "relative":
        return value * float(room["value"])
    if room["kind"] == "absolute":
        return float(room["value"])
    return float(0.5 * 10.0 ** (math.floor(math.log10(value)) - int(room["value"]) + 1)) if value else 0.0


def _matches(first: Sheet, other: Sheet) -> bool:
    """Whether two sheets of one slug can be the sides of one question."""
    return (
        other.language != first.language
        and other.kind == first.kind
        and [o.is_right for o in other.options] == [o.is_right for o in first.options]
        and len(other.steps) == len(first.steps)
        and (other.value, other.unit) == (first.value, first.unit)
    )


def _body(slug: str, sides: Sequence[Sheet]) -> dict[str, Any]:
    first = sides[0]
    body: dict[str, Any] = {"id": slug, "kind": first.kind, **first.meta, "stem": _pair(sides, "stem")}
    if first.options:
        body["choices"] = [_choice(sides, at) for at in range(len(first.options))]
    if first.kind == "numeric":
        room = {"kind": "absolute", "value": first.tolerance}
        body["answer"] = {"value": first.value, "unit": first.unit, "tolerance": room}
    if first.kind == "short_text":
        body["answer"] = {"accepted": {side.language: list(side.accepted) for side in sides}}
    if first.kind == "ordering":
        body["steps"] = [{side.language: side.steps[at] for side in sides} for at in range(len(first.steps))]
    if first.kind == "long_text":
        body["reference"] = _pair(sides, "reference")
    return body | ({"solution": found} if (found := _pair(sides, "solution")) else {})


def _choice(sides: Sequence[Sheet], at: int) -> dict[str, Any]:
    found: dict[str, Any] = {"text": {side.language: side.options[at].text for side in sides}}
    if sides[0].options[at].is_right:
        found["correct"] = True
    if why := {side.language: side.options[at].rationale for side in sides if side.options[at].rationale}:
        found["rationale"] = why
    return found


def _pair(sides: Sequence[Sheet], name: str) -> dict[str, str]:
    return {side.language: getattr(side, name) for side in sides if getattr(side, name)}
