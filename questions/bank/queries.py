"""Reading the bank: lists, facets, and a question as a person reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from questions.bank.models import Question, QuestionVersion, Topic
from questions.bank.services import body_of
from questions.kinds import KINDS
from questions.kinds.base import Presented
from questions.languages import CONTENT_LANGUAGES


@dataclass(frozen=True)
class ChoiceText:
    """A choice as read with its key: for a solution, never for an attempt."""

    letter: str
    text: str
    is_correct: bool
    rationale: str


@dataclass(frozen=True)
class CriterionText:
    text: str
    points: float
    role: str


@dataclass(frozen=True)
class Reading:
    """A question version in one language: what is asked, and what it comes to."""

    version: QuestionVersion
    language: str
    presented: Presented
    choices: tuple[ChoiceText, ...]
    steps: tuple[str, ...]
    answer: str
    solution: str
    rubric: tuple[CriterionText, ...]
    references: tuple[Mapping[str, Any], ...]
    seed: int

    @property
    def stem(self) -> str:
        return self.presented.stem


def reading(version: QuestionVersion, language: str, seed: int = 0) -> Reading:
    """The version as presented with `seed`, together with its key, rationales and solution."""
    body = body_of(version, seed)
    presented = KINDS[version.kind].present(body, language=language, seed=seed)
    return Reading(
        version=version,
        language=language,
        presented=presented,
        choices=_choices(body, presented, language),
        steps=tuple(step[language] for step in body.get("steps", ())),
        answer=_answer(body, language),
        solution=_text(body.get("solution") or body.get("reference"), language),
        rubric=tuple(_criterion(entry, language) for entry in body.get("rubric", ())),
        references=tuple(body.get("references") or ()),
        seed=seed,
    )


def _choices(body: Mapping[str, Any], presented: Presented, language: str) -> tuple[ChoiceText, ...]:
    if "choices" not in body:
        return ()
    found = []
    for choice in presented.choices:
        entry = body["choices"][choice.index]
        rationale = _text(entry.get("rationale"), language)
        found.append(ChoiceText(choice.letter, choice.text, entry.get("correct") is True, rationale))
    return tuple(found)


def _answer(body: Mapping[str, Any], language: str) -> str:
    answer = body.get("answer") or {}
    if "value" in answer:
        return f"{answer['value']:g} {answer['unit']}".strip()
    accepted: Sequence[str] = (answer.get("accepted") or {}).get(language, ())
    return " / ".join(str(text) for text in accepted)


def _criterion(entry: Mapping[str, Any], language: str) -> CriterionText:
    return CriterionText(_text(entry["text"], language), entry["points"], entry["role"])


def _text(pair: Mapping[str, str] | None, language: str) -> str:
    return "" if not pair else str(pair.get(language, ""))


@dataclass(frozen=True)
class Filters:
    """What a list of questions is narrowed by; empty means all."""

    track: str = ""
    topic: str = ""
    kind: str = ""
    style: str = ""
    depth: str = ""
    difficulty: str = ""
    text: str = ""


def questions(user: Any, filters: Filters) -> Any:
    """Published questions the person may read, narrowed; each with its current version and topic (1 query)."""
    rows = (
        Question.objects.visible_to(user).for_practice().select_related("current__topic", "current__question")
    )
    for path, value in (
        ("current__topic__track", filters.track),
        ("current__topics", filters.topic),
        ("current__kind", filters.kind),
        ("current__style", filters.style),
        ("current__depth", filters.depth),
        ("current__difficulty", filters.difficulty if filters.difficulty.isdigit() else ""),
    ):
        if value:
            rows = rows.filter(**{path: value})
    return rows.filter(_has_words(filters.text)) if filters.text.strip() else rows


def _has_words(text: str) -> Q:
    """Every word in the stem of either language, or in the slug."""
    found = Q()
    for word in text.split()[:6]:
        in_stem = Q(slug__icontains=word)
        for language in CONTENT_LANGUAGES:
            in_stem |= Q(**{f"current__body__stem__{language}__icontains": word})
        found &= in_stem
    return found


@dataclass(frozen=True)
class TrackCount:
    code: str
    name: str
    topics: tuple[tuple[Topic, int], ...]

    @property
    def count(self) -> int:
        return sum(count for _, count in self.topics)


def tracks(user: Any) -> list[TrackCount]:
    """Every track with its topics and how many questions each has (2 queries)."""
    published = Question.objects.visible_to(user).for_practice()
    counts = dict(published.values_list("current__topic").annotate(n=Count("pk")).order_by())
    by_track: dict[str, list[Topic]] = {}
    for topic in Topic.objects.all():
        by_track.setdefault(topic.track, []).append(topic)
    return [
        TrackCount(code, topics[0].track_name, tuple((topic, counts.get(topic.pk, 0)) for topic in topics))
        for code, topics in by_track.items()
    ]
