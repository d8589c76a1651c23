"""How many questions the bank has, by each facet: of the database, or of the files we ship."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from questions.bank import shipped
from questions.bank.models import Question, Status
from questions.content_rules.check import stems
from questions.families import FAMILIES
from questions.families.base import render
from questions.languages import CONTENT_LANGUAGES

FACETS = ("track", "topic", "kind", "depth", "style", "stage", "difficulty", "language", "status")


@dataclass(frozen=True)
class Counts:
    """`source` is `database` or `files`; `families` counts the parametric questions among `total`; `by` has one
    table a facet, every track and topic included.
    """

    source: str
    total: int
    families: int
    by: Mapping[str, Mapping[str, int]]


def database_counts() -> Counts:
    """Every question of the database but the retired, by its newest version (2 queries)."""
    rows = Question.objects.exclude(status=Status.RETIRED).filter(current__isnull=False)
    fields = ("topic_id", "kind", "depth", "style", "stage", "difficulty", "family", "body")
    listed = rows.order_by().values_list("status", *(f"current__{name}" for name in fields))
    return _counted("database", ((row[0], *row[1:]) for row in listed.iterator(chunk_size=2000)))


def shipped_counts() -> Counts:
    """The same over the files and families, without a database."""
    return _counted(
        "files",
        (
            (
                Status.APPROVED.value,
                entry.topic,
                entry.kind,
                *(entry.meta[name] for name in ("depth", "style", "stage", "difficulty")),
                entry.family,
                entry.body,
            )
            for entry in shipped.questions()
        ),
    )


def _counted(source: str, rows: Iterable[tuple[Any, ...]]) -> Counts:
    track_of = {topic.code: topic.track for topic in shipped.topics()}
    found: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    found["track"].update(dict.fromkeys(track_of.values(), 0))
    found["topic"].update(dict.fromkeys(track_of, 0))
    total = families = 0
    for status, topic, kind, depth, style, stage, difficulty, family, body in rows:
        values = (track_of.get(topic, "?"), topic, kind, depth, style, stage, difficulty, None, status)
        for facet, value in zip(FACETS, values, strict=True):
            if facet != "language":
                found[facet][str(value)] += 1
        found["language"].update(_languages(family, body))
        total += 1
        families += bool(family)
    tables = {facet: _in_order(facet, table) for facet, table in found.items()}
    return Counts(source, total, families, tables)


def _languages(family: str, body: Mapping[str, Any]) -> list[str]:
    shown = render(FAMILIES[family], 0) if family in FAMILIES else body
    return [language for language in CONTENT_LANGUAGES if any(stems(shown, language))]


def _in_order(facet: str, table: Counter[str]) -> dict[str, int]:
    """The taxonomy's own order for tracks and topics, the alphabet's for the rest."""
    return dict(table) if facet in ("track", "topic") else dict(sorted(table.items()))
