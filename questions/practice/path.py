"""The learning path: four stages in 90 days, laid out from a start date by the hours a person has."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from questions.bank.models import Question, Topic
from questions.practice.schedule import GOOD_FROM

HOURS_A_WEEK = 10.5  # the pace at which the 90 days are meant: an hour and a half a day
CHECKPOINT = 0.8  # the share of a stage's questions to know before moving on


@dataclass(frozen=True)
class Stage:
    number: int
    days: int
    title: Promise
    goal: Promise


STAGES = (
    Stage(
        1,
        10,
        _("Applications"),
        _("Explain how a language model answers, call one, write prompts that hold, and say what it costs."),
    ),
    Stage(
        2,
        30,
        _("Retrieval and agents"),
        _(
            "Build and measure retrieval, tools and agents, and find out which part is at fault when they fail."
        ),
    ),
    Stage(
        3,
        30,
        _("Training and fine-tuning"),
        _(
            "Prepare data, choose between full and low-rank tuning, align by preference, and size a training run."
        ),
    ),
    Stage(
        4,
        20,
        _("Deployment, hardware and business"),
        _(
            "Serve a model within latency, memory and money, watch it in production, and argue for the choice."
        ),
    ),
)


@dataclass(frozen=True)
class TopicProgress:
    """Questions of a topic in a stage, and how many of them the person knows (best score 0.85 or more)."""

    topic: Topic
    count: int
    known: int


@dataclass(frozen=True)
class StageProgress:
    """A stage as one person sees it. `first` and `last` are its days by plan; `a_day` the questions left for each of
    those days, None once they are over or the stage is known.
    """

    stage: Stage
    topics: tuple[TopicProgress, ...]
    first: date
    last: date
    is_current: bool
    a_day: int | None

    @property
    def count(self) -> int:
        return sum(entry.count for entry in self.topics)

    @property
    def known(self) -> int:
        return sum(entry.known for entry in self.topics)

    @property
    def is_passed(self) -> bool:
        return self.count > 0 and self.known >= CHECKPOINT * self.count

    @property
    def checkpoint(self) -> int:
        """How many questions to know before moving on."""
        return math.ceil(CHECKPOINT * self.count)


@dataclass(frozen=True)
class Days:
    first: date
    last: date


def calendar(starts_on: date, hours_a_week: float) -> list[Days]:
    """First and last day of each stage: 90 days at 10.5 hours a week, longer or shorter in proportion.

    Worked example: from 1 January 2026 at 10.5 hours the stages end on 10 January, 9 February, 11 March, 31 March.
    """
    found, begun, total = [], 0, 0
    for stage in STAGES:
        total += stage.days
        end = max(begun + 1, round(total * HOURS_A_WEEK / hours_a_week))
        found.append(Days(starts_on + timedelta(days=begun), starts_on + timedelta(days=end - 1)))
        begun = end
    return found


def progress(user: Any, today: date, starts_on: date, hours_a_week: float) -> list[StageProgress]:
    """Every stage with its topics, dates and what the person knows (3 queries)."""
    published = Question.objects.visible_to(user).for_practice()
    counts = _by_stage_and_topic(published)
    known: dict[tuple[int, str], int] = {}
    if user.is_authenticated:
        known = _by_stage_and_topic(
            published.filter(versions__attempts__user=user, versions__attempts__score__gte=GOOD_FROM)
        )
    topics = list(Topic.objects.all())
    found = []
    for stage, days in zip(STAGES, calendar(starts_on, hours_a_week), strict=True):
        keys = ((topic, (stage.number, topic.pk)) for topic in topics)
        listed = tuple(
            TopicProgress(topic, counts[key], known.get(key, 0)) for topic, key in keys if key in counts
        )
        found.append(_stage_progress(stage, listed, days, today))
    return found


def _stage_progress(
    stage: Stage, topics: tuple[TopicProgress, ...], days: Days, today: date
) -> StageProgress:
    left = sum(entry.count - entry.known for entry in topics)
    remaining = (days.last - max(today, days.first)).days + 1
    a_day = math.ceil(left / remaining) if left and remaining > 0 else None
    is_current = days.first <= today <= days.last
    return StageProgress(stage, topics, days.first, days.last, is_current, a_day)


def _by_stage_and_topic(questions: Any) -> dict[tuple[int, str], int]:
    rows = questions.order_by().values_list("current__stage", "current__topic")
    return {(stage, topic): n for stage, topic, n in rows.annotate(n=Count("pk", distinct=True))}
