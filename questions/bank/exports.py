"""Taking questions out of the bank into a file."""

from collections.abc import Iterator
from typing import Any

from evalhub.errors import Invalid
from evalhub.registry import UnknownEntry
from questions.bank.models import Question, QuestionVersion, Security, Status
from questions.exchange import FORMATS
from questions.exchange.record import Loss, Record


def export_questions(rows: Any, format_name: str) -> tuple[bytes, Loss]:
    """(file, what it lost) for a queryset of questions. Raises Invalid for an unknown format or no question at all."""
    try:
        chosen = FORMATS[format_name]
    except UnknownEntry as error:
        raise Invalid(str(error), field="format") from error
    data, loss = chosen.write(records(rows))
    if not loss.written and not loss.left_out:
        raise Invalid("No question to export. Load the bank first (manage.py bank_load), or choose wider.")
    return data, loss


def exportable(*, with_held_out: bool = False) -> Any:
    """Every question with a version that is not retired; held-out ones only on request."""
    rows = Question.objects.exclude(status=Status.RETIRED).filter(current__isnull=False)
    return rows if with_held_out else rows.exclude(security=Security.HELD_OUT)


def records(rows: Any) -> Iterator[Record]:
    """The questions of a queryset as records, by name (1 query)."""
    for question in rows.select_related("current").order_by("slug").iterator(chunk_size=500):
        yield record_of(question, question.current)


def record_of(question: Question, version: QuestionVersion) -> Record:
    """One version as it travels."""
    return Record(
        slug=question.slug,
        kind=version.kind,
        topic=version.topic_id,
        body=version.body,
        family=version.family,
        uuid=str(question.uuid),
        version=version.number,
        status=question.status,
        security=question.security,
        content_hash=version.content_hash,
        author=version.author,
        licence=version.licence,
        provenance=version.provenance,
    )
