"""A table with one question a row and both languages side by side: to write questions in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from questions.exchange.base import Format
from questions.exchange.limits import LARGEST, MOST_ROWS, text_of
from questions.exchange.record import ExchangeError, Loss, LossBook, Record, Row
from questions.exchange.sheet import META

MOST_CHOICES, MOST_STEPS = 6, 7
KINDS = ("single_choice", "multiple_choice", "numeric", "short_text", "ordering", "long_text")
_SIDES = {"zh": "zh-Hans", "en": "en"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LISTED = " | "
_PLAIN = (
    "id",
    "kind",
    "topic",
    "also",
    "style",
    "depth",
    "audience",
    "stage",
    "difficulty",
    "author",
    "licence",
)


def _columns() -> list[str]:
    pairs = ["stem", "solution", "reference", "accepted"]
    names = [*_PLAIN, "correct", "value", "unit", "tolerance_kind", "tolerance", "check"]
    for number in range(1, MOST_CHOICES + 1):
        pairs += [f"choice{number}", f"rationale{number}"]
    pairs += [f"step{number}" for number in range(1, MOST_STEPS + 1)]
    return [
        *names,
        *(f"{name}_{side}" for name in pairs for side in _SIDES),
        "rubric_json",
        "references_json",
    ]


COLUMNS = tuple(_columns())


class Csv(Format):
    """Columns are COLUMNS, any of them may be missing; `correct` holds the numbers of the right choices (`2` or `1,3`),
    `accepted_*` phrases parted by ` | `. Cells that a spreadsheet would run as a formula get a leading apostrophe.
    """

    name = "csv"
    suffix = ".csv"
    media_type = "text/csv"

    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        book, out = LossBook(self.name), io.StringIO(newline="")
        table = csv.DictWriter(out, COLUMNS)
        table.writeheader()
        for record in records:
            if record.kind not in KINDS:
                book.leave_out(record.slug, f"{record.kind} does not fit a row; use jsonl or markdown")
                continue
            table.writerow({name: _guarded(value) for name, value in _cells(record).items()})
            book.count(*_lost(record))
        return out.getvalue().encode("utf-8-sig"), book.closed()

    def read(self, data: bytes) -> Iterator[Row]:
        csv.field_size_limit(LARGEST)
        table = csv.DictReader(io.StringIO(text_of(data), newline=""), strict=True)
        try:
            strange = [name for name in table.fieldnames or [] if name not in COLUMNS]
            if strange or not {"kind", "topic"} <= set(table.fieldnames or []):
                raise ExchangeError(
                    f"The table has unknown columns {strange[:5]} or lacks kind or topic; the columns are those of an export."
                )
            for place, cells in enumerate(table, start=2):
                if place > MOST_ROWS:
                    raise ExchangeError(f"The table has more than {MOST_ROWS:,} rows; split it.")
                yield _row(place, cells)
        except csv.Error as error:
            raise ExchangeError(
                f"Line {table.line_num} is no CSV: {error}; quote cells that hold a quote."
            ) from error


def _cells(record: Record) -> dict[str, str]:
    body = record.shown
    answer = body.get("answer") or {}
    room = answer.get("tolerance") or {}
    right = [
        str(at)
        for at, choice in enumerate(body.get("choices") or (), start=1)
        if choice.get("correct") is True
    ]
    cells = {
        **{name: str(body.get(name, "")) for name in ("style", "depth", "stage", "difficulty", "check")},
        **{name: ",".join(body.get(name) or ()) for name in ("also", "audience")},
        "id": record.slug,
        "kind": record.kind,
        "topic": record.topic,
        "author": record.author,
        "licence": record.licence,
        "correct": ",".join(right),
        "value": repr(answer["value"]) if "value" in answer else "",
        "unit": answer.get("unit", ""),
        "tolerance_kind": room.get("kind", ""),
        "tolerance": repr(room["value"]) if room else "",
        "rubric_json": _json(body.get("rubric")),
        "references_json": _json(body.get("references")),
    }
    pairs = {name: body.get(name) for name in ("stem", "solution", "reference")}
    for at, choice in enumerate(body.get("choices") or (), start=1):
        pairs |= {f"choice{at}": choice.get("text"), f"rationale{at}": choice.get("rationale")}
    pairs |= {f"step{at}": step for at, step in enumerate(body.get("steps") or (), start=1)}
    for side, language in _SIDES.items():
        cells |= {f"{name}_{side}": (pair or {}).get(language, "") for name, pair in pairs.items()}
        cells[f"accepted_{side}"] = _LISTED.join(map(str, (answer.get("accepted") or {}).get(language, ())))
    return cells


def _lost(record: Record) -> list[str]:
    body = record.shown
    found = {
        "parameters of the family (its rendering with seed 0 is written)": bool(record.family),
        "graded sample answers": "anchors" in body,
        "hints": bool(body.get("hints")),
        "fixed order of choices": "order" in body,
        "version, status and history": True,
    }
    return [thing for thing, is_lost in found.items() if is_lost]


def _row(place: int, cells: Mapping[Any, Any]) -> Row:
    if None in cells or any(value is None for value in cells.values()):
        return Row(
            place, None, "has another number of cells than the first line; quote cells that hold a comma"
        )
    given = {name: _unguarded(str(value)).strip() for name, value in cells.items()}
    given = {name: value for name, value in given.items() if value}
    try:
        body = _body(place, given)
    except (ValueError, IndexError) as error:
        return Row(place, None, str(error))
    return Row(place, Record(
        slug=body["id"], kind=body["kind"], topic=given.get("topic", ""), body=body,
        author=given.get("author", ""), licence=given.get("licence", ""),
    ))  # fmt: skip


def _body(place: int, given: Mapping[str, str]) -> dict[str, Any]:
    topic, kind = given.get("topic", ""), given.get("kind", "")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}; a table holds {', '.join(KINDS)}")
    body: dict[str, Any] = {"id": given.get("id") or f"{topic.lower()}-row-{place}", "kind": kind}
    for name in META:
        if name in given:
            body[name] = _listed(given[name]) if name in ("also", "audience") else _scalar(name, given[name])
    body |= {name: pair for name in ("stem", "solution", "reference") if (pair := _pair(given, name))}
    if kind in ("single_choice", "multiple_choice"):
        body["choices"] = _choices(given)
    if kind == "numeric":
        room = {"kind": given.get("tolerance_kind", "relative"), "value": _number("tolerance", given)}
        body["answer"] = {"value": _number("value", given), "unit": given.get("unit", ""), "tolerance": room}
        body |= {"check": given["check"]} if "check" in given else {}
    if kind == "short_text":
        accepted = {lang: given.get(f"accepted_{side}", "").split(_LISTED) for side, lang in _SIDES.items()}
        body["answer"] = {
            "accepted": {language: [a for a in listed if a] for language, listed in accepted.items()}
        }
    if kind == "ordering":
        body["steps"] = [pair for at in range(1, MOST_STEPS + 1) if (pair := _pair(given, f"step{at}"))]
    for name in ("rubric", "references"):
        if text := given.get(f"{name}_json"):
            body[name] = _parsed(name, text)
    return body


def _choices(given: Mapping[str, str]) -> list[dict[str, Any]]:
    found = []
    right = _listed(given.get("correct", ""))
    for at in range(1, MOST_CHOICES + 1):
        if text := _pair(given, f"choice{at}"):
            choice: dict[str, Any] = {"text": text}
            choice |= {"correct": True} if str(at) in right else {}
            found.append(choice | ({"rationale": why} if (why := _pair(given, f"rationale{at}")) else {}))
    strange = [number for number in right if not number.isdecimal() or not 1 <= int(number) <= len(found)]
    if strange or not right:
        raise ValueError(
            f"correct is {given.get('correct', '')!r}; write the numbers of the right choices, such as 2 or 1,3"
        )
    return found


def _pair(given: Mapping[str, str], name: str) -> dict[str, str]:
    return {lang: given[f"{name}_{side}"] for side, lang in _SIDES.items() if f"{name}_{side}" in given}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _scalar(name: str, text: str) -> Any:
    if name not in ("stage", "difficulty"):
        return text
    if not text.isdecimal():
        raise ValueError(f"{name} is {text!r}; write a whole number")
    return int(text)


def _number(name: str, given: Mapping[str, str]) -> float | int:
    text = given.get(name, "")
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}; write a number") from None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if value else ""


def _parsed(name: str, text: str) -> Sequence[Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name}_json is no JSON: {error}") from error
    if not isinstance(found, list):
        raise ValueError(f"{name}_json is {type(found).__name__}; write a list")
    return found


def _guarded(text: str) -> str:
    return (
        f"'{text}" if text.startswith(_FORMULA) or (text.startswith("'") and text[1:2] in _FORMULA) else text
    )


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:2] in (*_FORMULA, "'") else text


CSV = Csv()
