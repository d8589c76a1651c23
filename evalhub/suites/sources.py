"""Where items come from: one function a source, each turning a recipe's entry into item drafts.

A recipe is {"sources": [{"source": "bank", ...}]}; the entry's other fields are the source's own.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalhub.errors import Invalid
from evalhub.suites.benchmarks import from_lm_eval
from evalhub.suites.drafts import ItemDraft
from questions.bank.models import Question, QuestionVersion
from questions.bank.services import body_of
from questions.kinds import KINDS

LANGUAGES = ("zh-Hans", "en")


@dataclass(frozen=True)
class BankSelection:
    """Which questions of the bank: empty lists mean all. `per_topic` and `per_track` keep that many of each.

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
    per_track: int | None = None
    seeds: int = 1
    seed: int = 0


def from_bank(entry: Mapping[str, Any]) -> list[ItemDraft]:
    """Items of the bank, frozen with their versions. Raises Invalid on a field that is not known."""
    unknown = sorted(set(entry) - set(BankSelection.__dataclass_fields__))
    if unknown:
        raise Invalid(
            f"The bank source does not know {', '.join(unknown)}; known are {', '.join(BankSelection.__dataclass_fields__)}."
        )
    selection = BankSelection(**entry)
    return [
        _draft(version, language, seed)
        for version in _chosen(selection)
        for seed in range(selection.seed, selection.seed + (selection.seeds if version.family else 1))
        for language in selection.languages
    ]


def _chosen(selection: BankSelection) -> Sequence[QuestionVersion]:
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
    versions: Sequence[QuestionVersion] = [question.current for question in rows if question.current]
    versions = _thin(versions, selection.per_topic, lambda version: version.topic_id)
    return _thin(versions, selection.per_track, lambda version: version.topic.track)


def _thin(
    versions: Sequence[QuestionVersion], most: int | None, group: Callable[[QuestionVersion], str]
) -> Sequence[QuestionVersion]:
    """At most that many of each group, chosen by content hash: stable, and blind to how hard they are."""
    if most is None:
        return versions
    groups: dict[str, list[QuestionVersion]] = defaultdict(list)
    for version in versions:
        groups[group(version)].append(version)
    return [v for found in groups.values() for v in sorted(found, key=lambda v: v.content_hash)[:most]]


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


SOURCES: dict[str, Callable[[Mapping[str, Any]], list[ItemDraft]]] = {
    "bank": from_bank,
    "lm_eval": from_lm_eval,
}
