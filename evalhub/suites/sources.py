"""Where items come from: one function a source, each turning a recipe's entry into item drafts.

A recipe is {"sources": [{"source": "bank", ...}]}; the entry's other fields are the source's own.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evalhub.errors import Invalid
from questions.bank.models import Question, QuestionVersion
from questions.bank.services import body_of
from questions.kinds import KINDS

LANGUAGES = ("zh-Hans", "en")


@dataclass(frozen=True)
class ItemDraft:
    """An item before it has a position; `spec` is what executors render and grade from."""

    key: str
    source: str
    kind: str
    language: str
    track: str
    topic: str
    cluster: str
    chance: float
    spec: Mapping[str, Any]
    question_version_id: int | None = None


@dataclass(frozen=True)
class BankSelection:
    """Which questions of the bank: empty lists mean all. `per_topic` keeps that many a topic, easiest rank first by hash.

    `seeds` renderings are taken of each parametric family; they share a cluster, as do a question's two languages.
    """

    kinds: list[str] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    depths: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=lambda: list(LANGUAGES))
    difficulty: list[int] = field(default_factory=lambda: [1, 5])
    per_topic: int | None = None
    seeds: int = 1
    seed: int = 0


def from_bank(entry: Mapping[str, Any]) -> list[ItemDraft]:
    """Items of the bank, frozen with their versions. Raises Invalid on a field that is not known."""
    unknown = sorted(set(entry) - set(BankSelection.__dataclass_fields__))
    if unknown:
        raise Invalid(f"The bank source does not know {', '.join(unknown)}; known are {', '.join(BankSelection.__dataclass_fields__)}.")
    selection = BankSelection(**entry)
    return [
        _draft(version, language, seed)
        for version in _chosen(selection)
        for seed in range(selection.seed, selection.seed + (selection.seeds if version.family else 1))
        for language in selection.languages
    ]


def _chosen(selection: BankSelection) -> Iterable[QuestionVersion]:
    low, high = selection.difficulty
    questions = Question.objects.for_practice().filter(
        current__difficulty__gte=low, current__difficulty__lte=high
    )
    for field_name, values in (
        ("kind", selection.kinds),
        ("topic__track", selection.tracks),
        ("topic", selection.topics),
        ("style", selection.styles),
        ("depth", selection.depths),
    ):
        if values:
            questions = questions.filter(**{f"current__{field_name}__in": values})
    rows = questions.select_related("current__topic").order_by("current__topic__position", "slug")
    versions = [question.current for question in rows if question.current]
    return versions if selection.per_topic is None else _thin(versions, selection.per_topic)


def _thin(versions: Iterable[QuestionVersion], per_topic: int) -> list[QuestionVersion]:
    """At most `per_topic` of each topic, chosen by content hash: stable, and blind to how hard they are."""
    by_topic: dict[str, list[QuestionVersion]] = defaultdict(list)
    for version in versions:
        by_topic[version.topic_id].append(version)
    return [v for group in by_topic.values() for v in sorted(group, key=lambda v: v.content_hash)[:per_topic]]


def _draft(version: QuestionVersion, language: str, seed: int) -> ItemDraft:
    kind = KINDS[version.kind]
    presented = kind.present(body_of(version, seed), language=language, seed=seed)
    key = hashlib.sha256(f"bank|{version.content_hash}|{language}|{seed}".encode()).hexdigest()[:32]
    return ItemDraft(
        key=key,
        source="bank",
        kind=version.kind,
        language=language,
        track=version.topic.track,
        topic=version.topic_id,
        cluster=f"q{version.question_id}",
        chance=presented.chance,
        spec={"key": key, "language": language, "presented": presented.as_dict()},
        question_version_id=version.pk,
    )


SOURCES: dict[str, Callable[[Mapping[str, Any]], list[ItemDraft]]] = {"bank": from_bank}
