"""Questions to send around: every one we ship, as records, read from the files."""

from __future__ import annotations

import pytest

from questions.bank import shipped
from questions.exchange.record import Record


def record_of(question: shipped.ShippedQuestion) -> Record:
    return Record(
        slug=question.slug,
        kind=question.kind,
        topic=question.topic,
        body=question.body,
        family=question.family,
        uuid=str(question.uuid),
        version=1,
        status="approved",
        security="practice",
        content_hash=question.content_hash,
        author="EvalHub",
        licence="CC-BY-4.0",
        provenance="original",
    )


@pytest.fixture(scope="session")
def everything() -> list[Record]:
    return [record_of(question) for question in shipped.questions()]


@pytest.fixture(scope="session")
def some(everything: list[Record]) -> list[Record]:
    """Six of every kind, families among them."""
    found: dict[str, list[Record]] = {}
    for record in everything:
        found.setdefault(record.kind + record.family[:1], []).append(record)
    return [record for records in found.values() for record in records[:6]]
