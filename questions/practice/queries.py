"""What practice pages show: a person's standing by track, and what people did with a question."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Avg, Count, Q

from evalhub.stats.interval import Interval
from evalhub.stats.intervals import wilson
from questions.bank import queries as bank
from questions.bank.models import QuestionVersion
from questions.practice.models import Attempt, Session


@dataclass(frozen=True)
class TrackStanding:
    """A track as one person sees it: questions there are, tried, and solved (best score of each is 1)."""

    track: bank.TrackCount
    tried: int
    solved: int

    @property
    def count(self) -> int:
        return self.track.count


def standing(user: Any) -> list[TrackStanding]:
    """Every track with what the person tried and solved (3 queries)."""
    graded = Attempt.objects.visible_to(user).graded()
    path = "question_version__topic__track"
    rows = graded.values(path).annotate(
        tried=Count("question_version__question", distinct=True),
        solved=Count("question_version__question", distinct=True, filter=Q(score=1.0)),
    )
    mine = {row[path]: row for row in rows.order_by()}
    nothing: Mapping[str, int] = {"tried": 0, "solved": 0}
    return [
        TrackStanding(track, mine.get(track.code, nothing)["tried"], mine.get(track.code, nothing)["solved"])
        for track in bank.tracks(user)
    ]


@dataclass(frozen=True)
class PeopleStatistics:
    """What people did with one question version: each person's first graded attempt counts, once."""

    people: int
    solved: Interval | None
    seconds: float | None


def people_statistics(version: QuestionVersion) -> PeopleStatistics:
    """Facility among people with its Wilson interval, and the median time (1 query)."""
    rows = Attempt.objects.graded().filter(question_version=version).order_by("user", "pk")
    firsts: dict[int, tuple[float | None, float]] = {}
    for user, score, seconds in rows.values_list("user", "score", "seconds"):
        firsts.setdefault(user, (score, seconds or 0.0))
    solved = sum(score == 1.0 for score, _ in firsts.values())
    times = [seconds for _, seconds in firsts.values() if seconds]
    return PeopleStatistics(len(firsts), wilson(solved, len(firsts)), median(times) if times else None)


def recent_sessions(user: Any, limit: int = 5) -> list[Session]:
    """The person's last sittings with how many answers each has (1 query)."""
    answered = Count("attempts", filter=Q(attempts__submitted_at__isnull=False))
    rows = Session.objects.filter(user=user).annotate(answered=answered, mean=Avg("attempts__score"))
    return list(rows.filter(answered__gt=0)[:limit])
