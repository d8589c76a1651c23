"""JSON Lines: one version a line, nothing lost. The format to keep and to move a bank with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import Any

from questions.exchange.base import Format
from questions.exchange.limits import MOST_ROWS, text_of
from questions.exchange.record import ExchangeError, Loss, LossBook, Record, Row

SCHEMA = 1
_FIELDS = {entry.name: entry.type for entry in fields(Record)}
_DEEPEST = 40


class Jsonl(Format):
    """Each line is `{"schema": 1, ...the fields of Record}`; body as in docs/design/content-format.md."""

    name = "jsonl"
    suffix = ".jsonl"
    media_type = "application/jsonl"

    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        book, lines = LossBook(self.name), []
        for record in records:
            lines.append(json.dumps({"schema": SCHEMA, **asdict(record)}, ensure_ascii=False, sort_keys=True))
            book.count()
        return ("\n".join(lines) + "\n" if lines else "").encode(), book.closed()

    def read(self, data: bytes) -> Iterator[Row]:
        for place, line in enumerate(text_of(data).split("\n"), start=1):
            if place > MOST_ROWS:
                raise ExchangeError(f"The file has more than {MOST_ROWS:,} lines; split it.")
            if line.strip():
                yield _row(place, line)


def _row(place: int, line: str) -> Row:
    try:
        found = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Row(place, None, f"is no JSON: {error}; one object a line")
    if not isinstance(found, dict):
        return Row(place, None, f"is {type(found).__name__}; write one object a line")
    if found.pop("schema", None) != SCHEMA:
        return Row(place, None, f'has no "schema": {SCHEMA}; this reads version {SCHEMA} only')
    if wrong := _wrong(found):
        return Row(place, None, wrong)
    return Row(place, Record(**found))


def _wrong(found: dict[str, Any]) -> str:
    strange = sorted(found.keys() - _FIELDS.keys())
    missing = sorted({"slug", "kind", "topic", "body"} - found.keys())
    if strange or missing:
        return f"lacks {missing} and has unknown {strange}; the fields are {sorted(_FIELDS)}"
    for name, value in found.items():
        wanted = int if name == "version" else dict if name == "body" else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            return f"{name} is {value!r:.60}; write {wanted.__name__}"
    return "" if _depth(found["body"]) <= _DEEPEST else f"body is nested deeper than {_DEEPEST} levels"


def _depth(value: Any) -> int:
    """Levels of nesting, counted without recursion."""
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, level = stack.pop()
        deepest = max(deepest, level)
        if level > _DEEPEST:
            break
        inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        stack += [(entry, level + 1) for entry in inner]
    return deepest


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


JSONL = Jsonl()
