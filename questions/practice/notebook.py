"""Bookmarks, notes, and the questions a person got wrong."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from evalhub.accounts.models import User
from evalhub.errors import Invalid
from questions.bank.models import Question
from questions.bank.queries import Reading, reading
from questions.practice.models import Attempt, Card, Mark

LONGEST_NOTE = 5_000
SHOWS = ("mistakes", "bookmarks", "notes")


@transaction.atomic
def set_bookmark(*, user: User, question: Question, on: bool) -> Mark:
    """Bookmark a question, or take the bookmark away."""
    mark, _ = Mark.objects.update_or_create(user=user, question=question, defaults={"is_bookmarked": on})
    return mark


@transaction.atomic
def save_note(*, user: User, question: Question, text: str) -> Mark:
    """Keep a note to a question; an empty one removes it. Raises Invalid if it is too long."""
    if len(text) > LONGEST_NOTE:
        raise Invalid(
            f"The note has {len(text)} characters; the most is {LONGEST_NOTE}. Shorten it.", field="note"
        )
    mark, _ = Mark.objects.update_or_create(user=user, question=question, defaults={"note": text.strip()})
    return mark


def mark_of(user: Any, question_id: int) -> Mark | None:
    return Mark.objects.visible_to(user).filter(question=question_id).first()


@dataclass(frozen=True)
class Entry:
    """A question in the notebook: the person's last graded answer to it, their mark, and when it comes back."""

    question: Question
    reading: Reading
    attempt: Attempt | None
    mark: Mark | None
    card: Card | None


def last_attempts(user: Any) -> Any:
    """The person's last graded attempt at each question."""
    graded = Attempt.objects.visible_to(user).graded()
    newest = (
        graded.order_by().values("question_version__question").annotate(newest=Max("pk")).values("newest")
    )
    return Attempt.objects.filter(pk__in=newest)


def entries(user: Any, show: str, language: str, track: str = "", limit: int = 100) -> list[Entry]:
    """What the notebook lists, newest first (4 queries): mistakes are questions whose last answer lost points."""
    visible = Question.objects.visible_to(user).for_practice().select_related("current__topic")
    if track:
        visible = visible.filter(current__topic__track=track)
    if show == "mistakes":
        order = _mistakes(user)
    else:
        marks = Mark.objects.visible_to(user)
        marks = marks.filter(is_bookmarked=True) if show == "bookmarks" else marks.exclude(note="")
        order = list(marks.values_list("question", flat=True))
    questions = {question.pk: question for question in visible.filter(pk__in=order)}
    listed = [questions[pk] for pk in order if pk in questions][:limit]
    return _with_details(user, listed, language)


def _mistakes(user: Any) -> list[int]:
    wrong = last_attempts(user).filter(score__lt=1.0).order_by("-pk")
    return list(wrong.values_list("question_version__question", flat=True))


def _with_details(user: Any, questions: list[Question], language: str) -> list[Entry]:
    keys = [question.pk for question in questions]
    attempts = (
        last_attempts(user).filter(question_version__question__in=keys).select_related("question_version")
    )
    by_question = {row.question_version.question_id: row for row in attempts}
    marks = {row.question_id: row for row in Mark.objects.visible_to(user).filter(question__in=keys)}
    cards = {row.question_id: row for row in Card.objects.visible_to(user).filter(question__in=keys)}
    return [
        Entry(
            question,
            reading(question.current, language),  # type: ignore[arg-type]  # for_practice has a current version
            by_question.get(question.pk),
            marks.get(question.pk),
            cards.get(question.pk),
        )
        for question in questions
    ]
