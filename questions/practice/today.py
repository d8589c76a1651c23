"""A person's day: what is due, what is new, the streak, all in their own time zone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import fsrs
from django.db.models import Count, Min, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from questions.bank.models import Question
from questions.practice.models import Attempt, Card, Plan

SOON = timedelta(hours=1)


@dataclass(frozen=True)
class Today:
    """`due` and `new` are questions to sit now; `interviews` are due threads; `done` are answers given today;
    `streak` is in days; `soon` come back within the hour, and `next_due_at` is when the next one does.
    """

    plan: Plan
    due: int
    new: int
    interviews: tuple[Question, ...]
    done: int
    streak: int
    soon: int
    next_due_at: datetime | None

    @property
    def count(self) -> int:
        return self.due + self.new


def today_of(user: Any, now: datetime | None = None) -> Today:
    """The person's day at `now` (7 queries)."""
    now = now or timezone.now()
    plan = plan_of(user)
    questions = Question.objects.visible_to(user).for_practice()
    due = list(due_cards(user, now).filter(question__in=questions).select_related("question__current__topic"))
    threads = tuple(card.question for card in due if card.question.current.kind == "interview")
    sittable = fresh_questions(user, plan).exclude(current__kind__in=("interview", "code")).count()
    later = Card.objects.filter(user=user, due_at__gt=now).exclude(pk__in=[card.pk for card in due])
    coming = later.aggregate(soon=Count("pk", filter=Q(due_at__lte=now + SOON)), next=Min("due_at"))
    counts = answers_by_day(user)
    here = now.astimezone(zone_of(user)).date()
    return Today(
        plan=plan,
        due=len(due) - len(threads),
        new=min(sittable, new_left(user, now, plan)),
        interviews=threads,
        done=counts.get(here, 0),
        streak=streak(counts, here),
        soon=coming["soon"],
        next_due_at=coming["next"],
    )


def plan_of(user: Any) -> Plan:
    """The person's plan, or the one everybody begins with (not saved; 1 query)."""
    return Plan.objects.filter(user=user).first() or Plan(user=user)


def due_cards(user: Any, now: datetime) -> Any:
    """Cards to see now. A card in review is due all day long, so an evening's work does not slide a little later
    each day; a card being learned is due to the minute.
    """
    tomorrow = midnight(user, now) + timedelta(days=1)  # by the wall clock, as zoneinfo counts
    waits = Q(due_at__lte=now) | Q(state=fsrs.State.Review.value, due_at__lt=tomorrow)
    return Card.objects.filter(waits, user=user)


def new_left(user: Any, now: datetime, plan: Plan | None = None) -> int:
    """How many new questions are still to come today."""
    begun = Card.objects.filter(user=user).annotate(first=Min("reviews__reviewed_at"))
    today: int = begun.filter(first__gte=midnight(user, now)).count()
    return max(0, (plan or plan_of(user)).new_a_day - today)


def fresh_questions(user: Any, plan: Plan | None = None) -> Any:
    """Questions of the plan's track the person has no card of."""
    track = (plan or plan_of(user)).track
    rows = Question.objects.visible_to(user).for_practice().exclude(cards__user=user)
    return rows.filter(current__topic__track=track) if track else rows


def answers_by_day(user: Any) -> dict[date, int]:
    """Answers by the person's own calendar day (1 query, a row a day)."""
    rows = Attempt.objects.filter(user=user, submitted_at__isnull=False).order_by()
    days = rows.annotate(day=TruncDate("submitted_at", tzinfo=zone_of(user))).values_list("day")
    return dict(days.annotate(n=Count("pk")))


def streak(days: Collection[date], today: date) -> int:
    """Days in a row with an answer, up to today; a today without one yet does not break it."""
    day = today if today in days else today - timedelta(days=1)
    length = 0
    while day in days:
        length += 1
        day -= timedelta(days=1)
    return length


def midnight(user: Any, now: datetime) -> datetime:
    """The start of the person's today."""
    return now.astimezone(zone_of(user)).replace(hour=0, minute=0, second=0, microsecond=0)


def zone_of(user: Any) -> tzinfo:
    """The person's time zone; UTC where theirs is not known to this machine."""
    try:
        return ZoneInfo(user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
