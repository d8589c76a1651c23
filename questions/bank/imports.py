"""Bringing questions in from a file: a report for every row, and all of them or none."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from evalhub.accounts.models import User
from evalhub.errors import Invalid
from evalhub.registry import UnknownEntry
from questions.bank import shipped
from questions.bank.duplicates import Asked, by_question, fingerprint, likenesses
from questions.bank.import_report import Defaults, ImportReport, RowReport
from questions.bank.models import Question, QuestionVersion, Security, Status, Topic
from questions.content_rules.check import question_problems, stems
from questions.content_rules.loading import Taxonomy
from questions.exchange import FORMATS
from questions.exchange.record import ExchangeError, Record, Row
from questions.families import FAMILIES
from questions.kinds import KINDS
from questions.kinds.fields import AUDIENCES, DEPTHS, DIFFICULTIES, STAGES, STYLES
from questions.languages import CONTENT_LANGUAGES

IMPORTED = "imported"
_KNOWN: Mapping[str, tuple[Sequence[Any], Any]] = {
    "style": (STYLES, "fundamentals"),
    "depth": (DEPTHS, "explain"),
    "stage": (STAGES, 1),
    "difficulty": (DIFFICULTIES, 3),
}
_MOST_NOTES = 12


@dataclass(frozen=True)
class _Ready:
    """A row that may be written, under the name it will have."""

    row: Row
    record: Record
    slug: str
    notes: Sequence[str]


def import_questions(
    *, data: bytes, format_name: str, owner: User, defaults: Defaults | None = None, is_dry_run: bool = False
) -> ImportReport:
    """Read a file and write its questions as drafts of `owner`, provenance `imported`, in one transaction.

    Nothing is written where one row is refused. Raises Invalid for an unknown format or a file that cannot be read.
    """
    try:
        rows = list(FORMATS[format_name].read(data))
    except (ExchangeError, UnknownEntry) as error:
        raise Invalid(str(error), field="file") from error
    if not rows:
        raise Invalid("The file holds no question. Export one to see the shape that is read.", field="file")
    with transaction.atomic():
        ready, reports = _examined(rows, owner, defaults or Defaults())
        is_written = not is_dry_run and not any(report.outcome == "refused" for report in reports)
        if is_written:
            _write(ready, owner)
    return ImportReport(sorted(reports, key=lambda report: report.place), is_written)


def _examined(rows: Sequence[Row], owner: User, defaults: Defaults) -> tuple[list[_Ready], list[RowReport]]:
    taxonomy = Taxonomy(dict(Topic.objects.values_list("code", "track")))
    known = _Known.of(owner)
    ready: list[_Ready] = []
    reports: list[RowReport] = []
    for row in rows:
        record = _completed(row.record, defaults) if row.record else None
        problem = row.problem if record is None else _problem(record, taxonomy)
        if record is None or problem:
            reports.append(RowReport(row.place, record.slug if record else "", "refused", problem))
        elif same := known.same_as(record):
            reports.append(
                RowReport(row.place, record.slug, "duplicate", notes=[f"is in the bank as {same}"])
            )
        else:
            slug = known.take(record)
            ready.append(_Ready(row, record, slug, _notes(record, slug, taxonomy)))
    similar = by_question(likenesses([*known.asked, *(Asked.of(r.slug, r.record.shown) for r in ready)]))
    reports += [
        RowReport(r.row.place, r.slug, "added", notes=r.notes, similar=similar.get(r.slug, [])[:5])
        for r in ready
    ]
    return ready, reports


@dataclass
class _Known:
    """The bank as the owner may see it, and every name that is taken; grows with each row that is accepted."""

    by_uuid: dict[str, str]
    by_print: dict[str, str]
    slugs: set[str]
    asked: list[Asked]

    @classmethod
    def of(cls, owner: User) -> "_Known":
        found = cls({}, {}, set(Question.objects.values_list("slug", flat=True)), [])
        rows = Question.objects.visible_to(owner).filter(current__isnull=False).order_by()
        for slug, key, body in rows.values_list("slug", "uuid", "current__body").iterator(chunk_size=2000):
            found.by_uuid[str(key)] = slug
            found.by_print[fingerprint(body)] = slug
            found.asked.append(Asked.of(slug, body))
        return found

    def same_as(self, record: Record) -> str:
        """The name of a question that is this one: the same id, or the same words and key; empty where there is none."""
        return self.by_uuid.get(record.uuid, "") or self.by_print.get(fingerprint(record.body), "")

    def take(self, record: Record) -> str:
        """A free name for the record, from now on taken."""
        base, slug, number = record.slug[:110], record.slug[:110], 2
        while slug in self.slugs:
            slug, number = f"{base}-{number}", number + 1
        self.slugs.add(slug)
        self.by_print[fingerprint(record.body)] = slug
        if record.uuid:
            self.by_uuid[record.uuid] = slug
        return slug


def _completed(record: Record, defaults: Defaults) -> Record:
    """The record with what the file does not say: licence and author of its body, then the defaults."""
    told = {name: str(record.body.get(name) or "") for name in ("licence", "author", "topic")}
    values = {
        name: getattr(record, name) or told[name] or getattr(defaults, name)
        for name in ("licence", "author", "topic")
    }
    return Record(**{**{f: getattr(record, f) for f in record.__slots__}, **values})


def _problem(record: Record, taxonomy: Taxonomy) -> str:
    """Why a row cannot be stored even as a draft; empty where it can."""
    if record.kind not in KINDS:
        return f"kind is {record.kind!r}; use one of {', '.join(KINDS)}"
    if record.topic not in taxonomy.track_of:
        return f"topic is {record.topic!r}, which the bank does not have; name one, or run bank_load first"
    if record.family and record.family not in FAMILIES:
        return f"family is {record.family!r}, which this version does not have; import a rendering instead"
    try:
        canonicalize_license_expression(record.licence)
    except InvalidLicenseExpression:
        return f"licence is {record.licence!r}; name one of the SPDX list, such as CC-BY-4.0 (--licence)"
    if record.uuid and not _is_uuid(record.uuid):
        return f"uuid is {record.uuid!r}; write a UUID or leave it out"
    if not record.slug or len(record.licence) > 40 or len(record.author) > 100:
        return "has no name, or a licence above 40 or an author above 100 signs; shorten them"
    if not record.family and not any(any(stems(record.body, name)) for name in CONTENT_LANGUAGES):
        return f"has no stem in {' or '.join(CONTENT_LANGUAGES)}; write what is asked"
    return _without_key(record)


def _without_key(record: Record) -> str:
    """A question with choices must say which is right: a guess would be stored as a key."""
    choices = record.body.get("choices")
    if record.kind in ("single_choice", "multiple_choice") and not record.family:
        marked = isinstance(choices, list) and any(
            isinstance(c, Mapping) and c.get("correct") is True for c in choices
        )
        return "" if marked else "marks no choice as right; mark one"
    return ""


def _notes(record: Record, slug: str, taxonomy: Taxonomy) -> list[str]:
    """What an editor has left to do before this draft can be reviewed."""
    notes = [] if slug == record.slug else [f"the name {record.slug} was taken; stored as {slug}"]
    problems = question_problems(record.shown, taxonomy)
    notes += [f"{problem.path}: {problem.message}" for problem in problems]
    more = len(notes) - _MOST_NOTES
    return notes if more <= 0 else [*notes[:_MOST_NOTES], f"and {more} more"]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _write(ready: Sequence[_Ready], owner: User) -> None:
    taken = {str(key) for key in Question.objects.values_list("uuid", flat=True)}
    questions = Question.objects.bulk_create(
        (_question(entry, owner, taken) for entry in ready), batch_size=500
    )
    pairs = list(zip(questions, ready, strict=True))
    versions = QuestionVersion.objects.bulk_create((_version(q, r.record) for q, r in pairs), batch_size=200)
    links = []
    for version, (question, entry) in zip(versions, pairs, strict=True):
        question.current = version
        also = [code for code in entry.record.shown.get("also") or [] if isinstance(code, str)]
        codes = dict.fromkeys([entry.record.topic, *also])
        links += [
            QuestionVersion.topics.through(questionversion_id=version.pk, topic_id=code) for code in codes
        ]
    topics = set(Topic.objects.values_list("code", flat=True))
    kept = [link for link in links if link.topic_id in topics]
    QuestionVersion.topics.through.objects.bulk_create(kept, batch_size=500)
    Question.objects.bulk_update(questions, ["current"], batch_size=200)


def _question(entry: _Ready, owner: User, taken: set[str]) -> Question:
    """A draft of the owner; an id of the file is kept unless a question the owner cannot see has it."""
    key = entry.record.uuid
    security = entry.record.security if entry.record.security in Security.values else Security.PRACTICE
    return Question(
        uuid=uuid.UUID(key) if key and key not in taken else uuid.uuid4(),
        slug=entry.slug,
        status=Status.DRAFT,
        security=security,
        owner=owner,
        is_public=False,
    )


def _version(question: Question, record: Record) -> QuestionVersion:
    shown = record.shown
    meta = {name: shown[name] for name in shipped.META if name in shown}
    content = shipped.ShippedQuestion(
        record.slug, record.kind, record.topic, dict(record.body), meta, record.family
    )
    fields = {
        name: shown[name] if shown.get(name) in known else usual for name, (known, usual) in _KNOWN.items()
    }
    audience = [name for name in shown.get("audience") or () if name in AUDIENCES]
    return QuestionVersion(
        question=question,
        number=1,
        content_hash=content.content_hash,
        kind=record.kind,
        family=record.family,
        topic_id=record.topic,
        audience=audience,
        body=dict(record.body),
        author=record.author,
        licence=canonicalize_license_expression(record.licence),
        provenance=IMPORTED,
        **fields,
    )
