"""Answering a question of the small bank rightly or wrongly."""

from datetime import datetime

from evalhub.accounts.models import User
from questions.bank.models import Question
from questions.bank.queries import reading
from questions.practice import services
from questions.practice.models import Attempt


def letter_of(attempt: Attempt, *, right: bool) -> str:
    choices = reading(attempt.question_version, attempt.language, attempt.seed).choices
    return next(choice.letter for choice in choices if choice.is_correct is right)


def answered(user: User, slug: str, *, right: bool, at: datetime | None = None) -> Attempt:
    """A graded attempt at this question, submitted at `at`."""
    version = Question.objects.get(slug=slug).current
    attempt = services.start_attempt(user=user, version=version, language="en")
    if at is None:
        return services.submit_attempt(attempt=attempt, response=letter_of(attempt, right=right))
    Attempt.objects.filter(pk=attempt.pk).update(submitted_at=at, response=letter_of(attempt, right=right))
    return services.grade_attempt(attempt_id=attempt.pk)
