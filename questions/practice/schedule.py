"""Spaced repetition: when a question comes back, by FSRS (the `fsrs` package, its default weights, no fuzz).

Source: github.com/open-spaced-repetition/py-fsrs. Worked example (seven times "good", each when due): 10 minutes, then
2, 11, 46, 163, 498, 1348 days.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import fsrs
from django.db import transaction

from evalhub.errors import NotReady
from questions.practice.models import Attempt, Card, Review

SCHEDULER = fsrs.Scheduler(enable_fuzzing=False)  # fuzz would make two equal histories differ
THREADS = fsrs.Scheduler(
    learning_steps=(), relearning_steps=(), enable_fuzzing=False
)  # nobody sits one twice in an hour
HARD_FROM, GOOD_FROM = 0.5, 0.85  # shares of the points


def rating_of(score: float | None, outcome: str) -> fsrs.Rating | None:
    """What a grade says of memory; None where nothing could grade the answer.

    Under half the points, or no answer: again. Under 0.85: hard. Else good. Never easy: how easy it felt is not in a
    grade, and the time taken says as much about reading as about knowing.
    """
    if score is None or outcome == "unscored":
        return None
    if outcome in ("empty", "invalid") or score < HARD_FROM:
        return fsrs.Rating.Again
    return fsrs.Rating.Hard if score < GOOD_FROM else fsrs.Rating.Good


def missed_criteria(evidence: dict[str, Any]) -> list[str]:
    """The ids of the criteria a grade found not met, or met in part."""
    return [
        entry["criterion"]
        for entry in evidence.get("evidence", ())
        if entry["verdict"] in ("not_met", "partly")
    ]


@transaction.atomic
def record_review(*, attempt: Attempt) -> Card | None:
    """Move the question's card by this attempt's grade, once; None where there is no score to go by."""
    rating = rating_of(attempt.score, attempt.outcome)
    if rating is None or attempt.submitted_at is None:
        return None
    done = Review.objects.filter(attempt=attempt).select_related("card").first()
    if done:  # graded again: the memory was exercised once
        return done.card
    card, _ = Card.objects.get_or_create(
        user_id=attempt.user_id,
        question_id=attempt.question_version.question_id,
        defaults={"due_at": attempt.submitted_at},
    )
    scheduler = THREADS if attempt.question_version.kind == "interview" else SCHEDULER
    moved = reviewed(as_fsrs(card), rating, attempt.submitted_at, scheduler)
    weak = missed_criteria(attempt.evidence) if (attempt.score or 0.0) < 1 else []
    changed = Card.objects.filter(pk=card.pk, review_count=card.review_count).update(
        **_columns(moved), review_count=card.review_count + 1, weak=weak
    )
    if not changed:  # the same question was graded in another tab between our read and our write
        raise NotReady("This question's schedule was moved by another attempt just now. Grade it again.")
    Review.objects.create(
        card=card, attempt=attempt, rating=rating.value, reviewed_at=attempt.submitted_at, due_at=moved.due
    )
    card.refresh_from_db()
    return card


def as_fsrs(card: Card) -> fsrs.Card:
    """A row as the package's card; a row that was never reviewed is a new card."""
    return fsrs.Card(
        card_id=card.pk,
        state=fsrs.State(card.state),
        step=card.step,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due_at,
        last_review=card.last_review_at,
    )


def reviewed(
    card: fsrs.Card, rating: fsrs.Rating, at: datetime, scheduler: fsrs.Scheduler = SCHEDULER
) -> fsrs.Card:
    """The card after this rating; a review dated before the card's last one counts as made at that time."""
    moment = max(at, card.last_review) if card.last_review else at
    return scheduler.review_card(card, rating, moment.astimezone(UTC))[0]


def _columns(card: fsrs.Card) -> dict[str, Any]:
    return {
        "state": card.state.value,
        "step": card.step,
        "stability": card.stability,
        "difficulty": card.difficulty,
        "due_at": card.due,
        "last_review_at": card.last_review,
    }
