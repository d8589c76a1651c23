"""A person's own data: all of it in one JSON document, and all of it gone at their word."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from evalhub.accounts.models import User
from questions.practice.models import Attempt, Card, Mark, Plan, Review, Session, Turn

FORMAT = "evalhub.practice.own-data/1"
_ATTEMPT = (
    "id", "session_id", "language", "seed", "response", "outcome", "score", "max_score", "rung", "evidence",
    "started_at", "submitted_at", "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """How much is kept of a person."""

    sessions: int
    attempts: int
    turns: int
    cards: int
    marks: int

    @property
    def is_empty(self) -> bool:
        return not (self.sessions or self.attempts or self.cards or self.marks)


def held(user: Any) -> Held:
    """Counts of what is kept of a person (5 queries)."""
    return Held(
        sessions=Session.objects.filter(user=user).count(),
        attempts=Attempt.objects.filter(user=user).count(),
        turns=Turn.objects.filter(attempt__user=user).count(),
        cards=Card.objects.filter(user=user).count(),
        marks=Mark.objects.filter(user=user).count(),
    )


def export(user: Any) -> dict[str, Any]:
    """Everything practice keeps of a person, in JSON types but for dates (DjangoJSONEncoder writes those)."""
    return {
        "format": FORMAT,
        "exported_at": timezone.now(),
        "person": {"name": user.username, "language": user.language, "time_zone": user.time_zone},
        "plan": Plan.objects.filter(user=user)
        .values("track", "new_a_day", "starts_on", "hours_a_week")
        .first(),
        "sessions": list(
            Session.objects.filter(user=user)
            .order_by("pk")
            .values("id", "track", "topic", "is_today", "language", "started_at", "finished_at")
        ),
        "attempts": _attempts(user),
        "schedule": _cards(user),
        "notebook": [
            {
                "question": row.question.slug,
                "bookmarked": row.is_bookmarked,
                "note": row.note,
                "changed_at": row.changed_at,
            }
            for row in Mark.objects.filter(user=user).order_by("pk").select_related("question")
        ],
    }


@transaction.atomic
def delete_all(*, user: User) -> Held:
    """Delete every attempt, sitting, schedule, note and plan of a person; the account stays. Returns what is gone."""
    gone = held(user)
    Review.objects.filter(card__user=user).delete()
    for rows in (Card.objects, Attempt.objects, Session.objects, Mark.objects, Plan.objects):
        rows.filter(user=user).delete()
    return gone


def _attempts(user: Any) -> list[dict[str, Any]]:
    turns: dict[int, list[dict[str, Any]]] = {}
    fields = ("position", "node", "response", "outcome", "grade", "started_at", "submitted_at", "seconds")
    for row in (
        Turn.objects.filter(attempt__user=user).order_by("attempt", "position").values("attempt_id", *fields)
    ):
        turns.setdefault(row.pop("attempt_id"), []).append(row)
    rows = Attempt.objects.filter(user=user).order_by("pk").select_related("question_version__question")
    return [
        {
            "question": row.question_version.question.slug,
            "version": row.question_version.number,
            **{name: getattr(row, name) for name in _ATTEMPT},
            "turns": turns.get(row.pk, []),
        }
        for row in rows.iterator(chunk_size=500)
    ]


def _cards(user: Any) -> list[dict[str, Any]]:
    reviews: dict[int, list[dict[str, Any]]] = {}
    fields = ("attempt_id", "rating", "reviewed_at", "due_at")
    for row in Review.objects.filter(card__user=user).values("card_id", *fields):
        reviews.setdefault(row.pop("card_id"), []).append(row)
    return [
        {
            "question": card.question.slug,
            "state": card.state,
            "step": card.step,
            "stability": card.stability,
            "difficulty": card.difficulty,
            "due_at": card.due_at,
            "last_review_at": card.last_review_at,
            "weak": card.weak,
            "reviews": reviews.get(card.pk, []),
        }
        for card in Card.objects.filter(user=user).order_by("pk").select_related("question")
    ]
