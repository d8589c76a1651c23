"""A person's day: due first, then new from the chosen track, counted by their own clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evalhub.accounts.models import User
from questions.practice import services, today
from questions.practice.models import Attempt, Card, Plan, Session
from tests.practice.answering import answered, letter_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def card_due(user: User, slug: str, at: datetime) -> None:
    answered(user, slug, right=True, at=at - timedelta(days=40))
    Card.objects.filter(question__slug=slug).update(due_at=at, state=2, step=None)


def test_a_streak_counts_days_in_a_row() -> None:
    days = {date(2026, 3, day) for day in (1, 2, 3, 5, 6)}
    assert today.streak(days, date(2026, 3, 6)) == 2
    assert today.streak(days, date(2026, 3, 7)) == 2  # today may still come
    assert today.streak(days, date(2026, 3, 8)) == 0
    assert today.streak(set(), date(2026, 3, 8)) == 0


def test_a_day_is_the_persons_own(small_bank: None, alice: User) -> None:
    for moment in (
        "2026-03-08T15:30+00:00",
        "2026-03-08T16:30+00:00",
    ):  # half past eleven; half past midnight
        answered(alice, "f1-a", right=True, at=datetime.fromisoformat(moment))
    alice.time_zone = "Asia/Shanghai"
    assert set(today.answers_by_day(alice)) == {date(2026, 3, 8), date(2026, 3, 9)}
    assert today.today_of(alice, NOON).streak == 2  # the 10th in Shanghai; the 9th was yesterday
    alice.time_zone = "UTC"
    assert set(today.answers_by_day(alice)) == {date(2026, 3, 8)}
    assert today.today_of(alice, NOON).streak == 0
    alice.time_zone = "Moon/Tycho"
    assert today.zone_of(alice) is UTC


def test_a_review_is_due_all_its_day_and_a_learning_step_to_the_minute(small_bank: None, alice: User) -> None:
    card_due(alice, "f1-a", NOON + timedelta(hours=9))
    assert today.due_cards(alice, NOON).count() == 1
    assert today.due_cards(alice, NOON - timedelta(days=1)).count() == 0
    Card.objects.update(state=1, step=0)
    assert today.due_cards(alice, NOON).count() == 0
    assert today.due_cards(alice, NOON + timedelta(hours=9)).count() == 1


def test_what_is_due_comes_before_what_is_new(small_bank: None, alice: User) -> None:
    card_due(alice, "f1-late", timezone.now() - timedelta(days=2))
    Plan.objects.create(user=alice, track="F", new_a_day=2)
    session = services.start_today(user=alice, language="en")
    asked = []
    while attempt := services.open_attempt(session=session):
        asked.append(attempt.question_version.question.slug)
        services.submit_attempt(attempt=attempt, response=letter_of(attempt, right=True))
    assert asked == ["f1-late", "f1-a", "f1-b"]  # new ones by stage and difficulty, none of track D


def test_new_questions_stop_at_the_days_number(small_bank: None, alice: User) -> None:
    Plan.objects.create(user=alice, new_a_day=1)
    session = services.start_today(user=alice, language="en")
    attempt = services.open_attempt(session=session)
    assert attempt
    assert attempt.question_version.question.slug == "d1-c"  # stage 1 stands first
    services.submit_attempt(attempt=attempt, response=letter_of(attempt, right=True))
    assert services.open_attempt(session=session) is None
    assert today.new_left(alice, timezone.now()) == 0
    assert today.new_left(alice, timezone.now() + timedelta(days=1)) == 1


def test_an_open_answer_is_gone_on_with_on_another_day(small_bank: None, alice: User) -> None:
    session = services.start_today(user=alice, language="en")
    attempt = services.open_attempt(session=session)
    Session.objects.update(started_at=timezone.now() - timedelta(days=3))
    again = services.start_today(user=alice, language="en")
    assert again == session
    assert services.open_attempt(session=again) == attempt
    Attempt.objects.all().delete()
    assert services.start_today(user=alice, language="en") != session


def test_another_persons_cards_are_not_mine(small_bank: None, alice: User, bob: User) -> None:
    card_due(bob, "f1-a", NOON)
    found = today.today_of(alice, NOON)
    assert (found.due, found.new, found.done, found.streak) == (0, 4, 0, 0)


class TestPages:
    def test_one_button_starts_the_day(self, small_bank: None, alice: User, client: Client) -> None:
        client.force_login(alice)
        assert "data-start" in client.get(reverse("practice:index")).content.decode()
        page = client.post(reverse("practice:today"), {"language": "en"}, follow=True)
        assert page.redirect_chain[-1][0] == reverse("practice:attempt", args=[Attempt.objects.get().pk])

    def test_without_an_account_there_are_the_tracks(self, small_bank: None, client: Client) -> None:
        page = client.get(reverse("practice:index"))
        assert page.status_code == 200
        assert "practice/tracks.html" in [template.name for template in page.templates]
        assert client.post(reverse("practice:today")).url.startswith(reverse("account_login"))

    def test_a_due_interview_is_named(self, talk: object, alice: User, client: Client) -> None:
        Card.objects.create(user=alice, question=talk, due_at=timezone.now() - timedelta(hours=1))
        client.force_login(alice)
        page = client.get(reverse("practice:index"))
        assert reverse("practice:interview", args=["i1-talk"]) in page.content.decode()
        assert page.context["today"].due == 0
