"""When a question comes back: as the fsrs package says, once for each graded attempt."""

from datetime import UTC, datetime, timedelta

import fsrs
import pytest

from evalhub.accounts.models import User
from questions.practice.models import Attempt, Card, Review
from questions.practice.schedule import missed_criteria, rating_of, record_review
from questions.practice.services import grade_attempt
from tests.practice.answering import answered

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("score", "outcome", "rating"),
    [
        (1.0, "correct", fsrs.Rating.Good),
        (0.85, "partly", fsrs.Rating.Good),
        (0.84, "partly", fsrs.Rating.Hard),
        (0.5, "partly", fsrs.Rating.Hard),
        (0.49, "partly", fsrs.Rating.Again),
        (0.0, "wrong", fsrs.Rating.Again),
        (0.0, "empty", fsrs.Rating.Again),
        (0.0, "invalid", fsrs.Rating.Again),
        (None, "unscored", None),
    ],
)
def test_a_grade_becomes_a_rating(score: float | None, outcome: str, rating: fsrs.Rating | None) -> None:
    assert rating_of(score, outcome) is rating


def test_seven_good_answers_in_a_row_have_the_published_intervals(small_bank: None, alice: User) -> None:
    at, intervals = START, []
    for _ in range(7):
        answered(alice, "f1-a", right=True, at=at)
        due = Card.objects.get().due_at
        intervals.append(due - at)
        at = due
    assert intervals[0] == timedelta(minutes=10)
    assert [gap.days for gap in intervals[1:]] == [2, 11, 46, 163, 498, 1348]


def test_a_mixed_history_is_scheduled_as_the_package_does(small_bank: None, alice: User) -> None:
    scheduler, card, at = fsrs.Scheduler(enable_fuzzing=False), fsrs.Card(due=START), START
    for right in (True, True, False, True, True, False, False, True):
        answered(alice, "f1-a", right=right, at=at)
        card, _ = scheduler.review_card(card, fsrs.Rating.Good if right else fsrs.Rating.Again, at)
        mine = Card.objects.get()
        assert (mine.due_at, mine.state, mine.step) == (card.due, card.state.value, card.step)
        assert (mine.stability, mine.difficulty) == pytest.approx((card.stability, card.difficulty))
        at = card.due + timedelta(hours=3)


def test_grading_again_does_not_move_the_card_again(small_bank: None, alice: User) -> None:
    attempt = answered(alice, "f1-a", right=True)
    before = Card.objects.values().get()
    grade_attempt(attempt_id=attempt.pk)
    assert Card.objects.values().get() == before
    assert Review.objects.count() == 1


def test_without_a_score_nothing_is_scheduled(small_bank: None, alice: User) -> None:
    attempt = answered(alice, "f1-a", right=True)
    Card.objects.all().delete()
    Attempt.objects.update(score=None, outcome="unscored")
    attempt.refresh_from_db()
    assert record_review(attempt=attempt) is None
    assert not Card.objects.exists()


def test_an_older_answer_graded_late_does_not_turn_back_time(small_bank: None, alice: User) -> None:
    answered(alice, "f1-a", right=True, at=START)
    answered(alice, "f1-a", right=True, at=START - timedelta(days=3))
    card = Card.objects.get()
    assert card.last_review_at == START
    assert card.review_count == 2


def test_what_was_missed_is_kept_until_it_is_known(small_bank: None, alice: User) -> None:
    answered(alice, "f1-a", right=False)
    missed = Card.objects.get().weak
    assert missed
    assert missed == missed_criteria(Attempt.objects.get().evidence)
    answered(alice, "f1-a", right=True)
    assert Card.objects.get().weak == []
