"""The answers of a run: the list with its filters, and one answer with all that explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from evalhub.runs.models import Answer, Grade, Run
from evalhub.runs.rendering import (
    Rendered,
    Split,
    expected_answer,
    presented_of,
    render_again,
    right_letters,
    split_answer,
)
from questions.kinds.base import Presented

LIST_FIELDS = (
    "id", "run_id", "item_id", "repeat", "outcome", "score", "extracted", "tokens_in", "tokens_out", "latency_s",
    "flags", "is_cached", "item__key", "item__position", "item__topic", "item__track", "item__language", "item__kind",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """What to show of a run's answers; an empty value filters nothing. `text` is looked for in the item's key."""

    outcome: str = ""
    track: str = ""
    topic: str = ""
    language: str = ""
    flag: str = ""
    text: str = ""

    def rows(self, run: Run) -> QuerySet[Answer]:
        found = Answer.objects.filter(run=run)
        exact = {
            "outcome": self.outcome,
            "item__track": self.track,
            "item__topic": self.topic,
            "item__language": self.language,
        }
        found = found.filter(**{name: value for name, value in exact.items() if value})
        if self.flag == "any":
            found = found.exclude(flags="")
        elif self.flag:
            found = found.filter(flags__contains=self.flag)
        if self.text:
            slug = Q(item__question_version__question__slug__icontains=self.text)
            found = found.filter(Q(item__key__istartswith=self.text) | slug)
        return found

    def lines(self, run: Run) -> QuerySet[Answer]:
        """The same rows with the few columns a list needs, the item joined."""
        return (
            self.rows(run)
            .select_related("item", "item__question_version__question")
            .only(*LIST_FIELDS, "item__question_version__question__slug")
        )


@dataclass(frozen=True, slots=True)
class GradeView:
    """A grade with its evidence as rows: each a mapping of the grader's own words."""

    grade: Grade
    evidence: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class LetterBar:
    """A letter's probability, 0..1; `text` is its choice, `is_key` whether it is a right one, `is_picked` the answer."""

    letter: str
    probability: float
    text: str
    is_key: bool
    is_picked: bool


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer's page. `rendered` is the prompt, made again from the item; `split` the raw text around what was read from it."""

    answer: Answer
    rendered: Rendered
    split: Split
    grades: tuple[GradeView, ...]
    letters: tuple[LetterBar, ...]
    expected: str


def answer_view(answer: Answer) -> AnswerView:
    """One answer with its grades. One query (the answer comes with its item)."""
    grades = tuple(GradeView(grade, _evidence(grade.evidence)) for grade in answer.grades.all())
    presented = presented_of(answer.item.spec)
    return AnswerView(
        answer=answer,
        rendered=render_again(answer),
        split=split_answer(answer),
        grades=grades,
        letters=_letters(answer, presented),
        expected=expected_answer(presented) if presented else "",
    )


def neighbours(rows: QuerySet[Answer], answer: Answer) -> tuple[int | None, int | None]:
    """Ids of the answers before and after this one among the same filtered rows. Two queries."""
    before = rows.filter(pk__lt=answer.pk).order_by("-pk").values_list("pk", flat=True).first()
    after = rows.filter(pk__gt=answer.pk).order_by("pk").values_list("pk", flat=True).first()
    return before, after


def _evidence(evidence: Any) -> tuple[Mapping[str, Any], ...]:
    if isinstance(evidence, Mapping):
        return (evidence,) if evidence else ()
    return tuple(row for row in evidence if isinstance(row, Mapping))


def _letters(answer: Answer, presented: Presented | None) -> tuple[LetterBar, ...]:
    if not answer.letter_probs:
        return ()
    texts = {choice.letter: choice.text for choice in presented.choices} if presented else {}
    keys = right_letters(presented) if presented else frozenset()
    return tuple(
        LetterBar(letter, float(share), texts.get(letter, ""), letter in keys, letter == answer.extracted)
        for letter, share in sorted(answer.letter_probs.items())
    )
