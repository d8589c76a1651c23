"""Which question comes next in a sitting."""

import random
from typing import Any

from django.db.models import ExpressionWrapper, F, FloatField, Max, Q
from django.utils import timezone

from questions.bank.models import Question, QuestionVersion
from questions.practice import today
from questions.practice.models import Session

GRADED_AT_ONCE = ("single_choice", "multiple_choice", "numeric", "short_text", "ordering", "long_text")


def next_version(session: Session) -> QuestionVersion | None:
    """The current version of the sitting's next question; None when there is none."""
    chosen = _next_of_today(session) if session.is_today else _next_of_selection(session)
    if chosen is None:
        return None
    current: QuestionVersion = Question.objects.select_related("current__topic").get(pk=chosen).current
    return current


def _next_of_today(session: Session) -> int | None:
    """What is due, longest waiting first; then what is new on the plan's track, by stage and difficulty."""
    now = timezone.now()
    questions = (
        Question.objects.visible_to(session.user).for_practice().filter(current__kind__in=GRADED_AT_ONCE)
    )
    due = today.due_cards(session.user, now).filter(question__in=questions)
    first: int | None = due.values_list("question", flat=True).first()
    if first is not None:
        return first
    if today.new_left(session.user, now) == 0:
        return None
    fresh = today.fresh_questions(session.user).filter(current__kind__in=GRADED_AT_ONCE)
    fresh = fresh.exclude(versions__attempts__session=session)
    chosen: int | None = (
        fresh.order_by("current__stage", "current__difficulty", "pk").values_list("pk", flat=True).first()
    )
    return chosen


def _next_of_selection(session: Session) -> int | None:
    """First what the person never tried, then what went worst, longest ago first; never twice in a sitting."""
    mine = Q(versions__attempts__user=session.user, versions__attempts__submitted_at__isnull=False)
    candidates = (
        _selection(session)
        .exclude(versions__attempts__session=session)
        .annotate(
            best=Max("versions__attempts__score", filter=mine),
            last=Max("versions__attempts__submitted_at", filter=mine),
        )
    )
    fresh = list(candidates.filter(last=None).values_list("pk", flat=True))
    if fresh:
        lucky: int = random.choice(fresh)  # noqa: S311  variety, not secrecy
        return lucky
    worst_first = ExpressionWrapper(F("best"), output_field=FloatField())
    rows = candidates.order_by(worst_first.asc(nulls_first=True), "last").values_list("pk", flat=True)
    seen: int | None = rows.first()
    return seen


def _selection(session: Session) -> Any:
    questions = Question.objects.visible_to(session.user).for_practice()
    questions = questions.filter(current__kind__in=GRADED_AT_ONCE)
    if session.topic:
        return questions.filter(current__topic=session.topic)
    if session.track:
        return questions.filter(current__topic__track=session.track)
    return questions
