"""Writing to the bank. One transaction each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from evalhub.errors import Invalid
from questions.bank import shipped
from questions.bank.models import Question, QuestionVersion, Security, Status, Topic
from questions.bank.shipped import ShippedQuestion, ShippedTopic
from questions.families import FAMILIES
from questions.families.base import render

AUTHOR, LICENCE, PROVENANCE = "EvalHub", "CC-BY-4.0", "original"
NO_LONGER_SHIPPED = "no longer part of the shipped bank"


@dataclass(frozen=True)
class Loaded:
    """What loading the shipped bank did, in questions."""

    added: int
    changed: int
    unchanged: int
    retired: int


@transaction.atomic
def load_shipped(
    *, topics: Sequence[ShippedTopic] | None = None, questions: Sequence[ShippedQuestion] | None = None
) -> Loaded:
    """Bring the database to the shipped bank. Idempotent: unchanged content is left alone, changed content gets a version.

    A question that left the files is retired, never deleted: attempts and answers still point at its versions.
    """
    topics = shipped.topics() if topics is None else topics
    questions = shipped.questions() if questions is None else questions
    _refuse_unknown_topics(topics, questions)
    _refuse_shared_ids(questions)
    _load_topics(topics)
    wanted = {question.uuid: question for question in questions}
    known = {q.uuid: q for q in Question.objects.filter(owner=None).select_related("current")}
    added = [question for uuid, question in wanted.items() if uuid not in known]
    changed = [
        (known[uuid], question)
        for uuid, question in wanted.items()
        if uuid in known and _differs(known[uuid], question)
    ]
    created = Question.objects.bulk_create(_new_question(question) for question in added)
    _write_versions([*zip(created, added, strict=True), *changed])
    gone = Question.objects.filter(owner=None, uuid__in=known.keys() - wanted.keys()).exclude(
        status=Status.RETIRED
    )
    retired = gone.update(status=Status.RETIRED, retired_reason=NO_LONGER_SHIPPED)
    return Loaded(len(added), len(changed), len(wanted) - len(added) - len(changed), retired)


def body_of(version: QuestionVersion, seed: int = 0) -> dict[str, Any]:
    """The full content dict of a version: stored, or rendered by its family for `seed`."""
    body: dict[str, Any] = render(FAMILIES[version.family], seed) if version.family else version.body
    return body


def _refuse_unknown_topics(topics: Sequence[ShippedTopic], questions: Sequence[ShippedQuestion]) -> None:
    known = {topic.code for topic in topics}
    wrong = [
        f"{question.slug}: {code}"
        for question in questions
        for code in (question.topic, *question.meta.get("also", ()))
        if code not in known
    ]
    if wrong:
        raise Invalid(f"Unknown topics: {', '.join(wrong[:10])}. Use codes of content/taxonomy.json.")


def _refuse_shared_ids(questions: Sequence[ShippedQuestion]) -> None:
    counts = Counter(question.slug for question in questions)
    shared = [slug for slug, count in counts.items() if count > 1]
    if shared:
        raise Invalid(f"Several questions or families have the id {', '.join(shared)}. Rename all but one.")


def _load_topics(topics: Sequence[ShippedTopic]) -> None:
    rows = [Topic(**vars(topic)) for topic in topics]
    fields = [name for name in vars(topics[0]) if name != "code"]
    Topic.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)


def _differs(question: Question, shipped_question: ShippedQuestion) -> bool:
    current = question.current
    return (
        question.status == Status.RETIRED
        or current is None
        or current.content_hash != shipped_question.content_hash
    )


def _new_question(question: ShippedQuestion) -> Question:
    return Question(uuid=question.uuid, slug=question.slug, security=Security.PRACTICE, is_public=True)


def _write_versions(pairs: Sequence[tuple[Question, ShippedQuestion]]) -> None:
    versions = QuestionVersion.objects.bulk_create(
        _new_version(question, content, (question.current.number + 1) if question.current else 1)
        for question, content in pairs
    )
    through = QuestionVersion.topics.through
    links = []
    for version, (question, content) in zip(versions, pairs, strict=True):
        question.current, question.status, question.retired_reason = version, Status.APPROVED, ""
        codes = dict.fromkeys([content.topic, *content.meta.get("also", [])])
        links += [through(questionversion_id=version.pk, topic_id=code) for code in codes]
    through.objects.bulk_create(links)
    Question.objects.bulk_update(
        [q for q, _ in pairs], ["current", "status", "retired_reason"], batch_size=200
    )


def _new_version(question: Question, content: ShippedQuestion, number: int) -> QuestionVersion:
    meta = content.meta
    return QuestionVersion(
        question=question,
        number=number,
        content_hash=content.content_hash,
        kind=content.kind,
        family=content.family,
        topic_id=content.topic,
        style=meta["style"],
        depth=meta["depth"],
        stage=meta["stage"],
        difficulty=meta["difficulty"],
        audience=meta["audience"],
        body=content.body,
        author=content.body.get("author", AUTHOR),
        licence=content.body.get("licence", LICENCE),
        provenance=content.body.get("provenance", PROVENANCE),
    )
