"""What travels: one version of one question, the row it was read from, and what a format could not carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from questions.families import FAMILIES
from questions.families.base import render


class ExchangeError(ValueError):
    """A file that cannot be read or written at all; the message says what was wrong, the value seen and the cure."""


@dataclass(frozen=True, slots=True)
class Record:
    """One version of one question.

    `body` is the dict of docs/design/content-format.md; for a parametric family it names the family. `uuid`, `version`,
    `status`, `security` and `content_hash` are empty where the file does not say.
    """

    slug: str
    kind: str
    topic: str
    body: Mapping[str, Any]
    family: str = ""
    uuid: str = ""
    version: int = 0
    status: str = ""
    security: str = ""
    content_hash: str = ""
    author: str = ""
    licence: str = ""
    provenance: str = ""

    @property
    def shown(self) -> Mapping[str, Any]:
        """The content as asked: of a family, its rendering with seed 0; the topic is always among it."""
        body = render(FAMILIES[self.family], 0) if self.family else self.body
        return {"topic": self.topic, **body}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a file: its place there (line or position, from 1) and either a record or why there is none."""

    place: int
    record: Record | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """What an export could not carry: `written` questions, `left_out` (slug, reason), and how many questions lost each
    thing (`lost`).
    """

    format: str
    written: int
    left_out: Sequence[tuple[str, str]]
    lost: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """In JSON types."""
        listed = [{"question": slug, "reason": reason} for slug, reason in self.left_out]
        return {"format": self.format, "written": self.written, "left_out": listed, "lost": dict(self.lost)}


@dataclass(slots=True)
class LossBook:
    """Written up while exporting; `closed` gives the report."""

    format: str
    written: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)

    def leave_out(self, slug: str, reason: str) -> None:
        self.left_out.append((slug, reason))

    def count(self, *things: str) -> None:
        """One question was written, and lost these things."""
        self.written += 1
        self.lost.update(things)

    def closed(self) -> Loss:
        return Loss(self.format, self.written, tuple(self.left_out), dict(sorted(self.lost.items())))
