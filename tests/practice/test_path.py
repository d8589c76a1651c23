"""The learning path: 90 days in four stages, stretched by the hours there are, with what is known of each."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from questions.practice import path
from questions.practice.models import Plan
from tests.practice.answering import answered

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)


def test_ninety_days_at_the_usual_pace() -> None:
    days = path.calendar(START, path.HOURS_A_WEEK)
    assert [(span.last - span.first).days + 1 for span in days] == [10, 30, 30, 20]
    assert [span.last for span in days] == [
        date(2026, 1, 10),
        date(2026, 2, 9),
        date(2026, 3, 11),
        date(2026, 3, 31),
    ]


@pytest.mark.parametrize(("hours", "total"), [(21.0, 45), (5.25, 180), (80.0, 12), (1.0, 945)])
def test_other_hours_stretch_it_without_gaps(hours: float, total: int) -> None:
    days = path.calendar(START, hours)
    assert (days[-1].last - START).days + 1 == total
    for before, after in zip(days, days[1:], strict=False):
        assert (after.first - before.last).days == 1
        assert after.first <= after.last


def test_progress_counts_known_questions_by_stage(small_bank: None, alice: User) -> None:
    answered(alice, "f1-a", right=True)
    answered(alice, "f1-a", right=True)
    answered(alice, "f1-b", right=False)
    rows = path.progress(alice, START, START, path.HOURS_A_WEEK)
    assert [(row.count, row.known) for row in rows] == [(1, 0), (0, 0), (4, 1), (0, 0)]
    assert [(entry.topic.pk, entry.known) for entry in rows[2].topics] == [("F1", 1), ("I1", 0)]
    assert [row.is_current for row in rows] == [True, False, False, False]
    assert (rows[0].checkpoint, rows[2].checkpoint) == (1, 4)
    assert rows[2].a_day == 1
    assert rows[3].a_day is None
    assert not rows[0].is_passed


def test_a_stage_is_passed_at_its_checkpoint(small_bank: None, alice: User) -> None:
    answered(alice, "d1-c", right=True)
    first = path.progress(alice, START, START, path.HOURS_A_WEEK)[0]
    assert first.is_passed
    assert first.a_day is None


def test_progress_takes_three_queries(small_bank: None, alice: User, django_assert_num_queries) -> None:
    alice.has_role("admin")  # read once, then kept
    with django_assert_num_queries(3):
        path.progress(alice, START, START, path.HOURS_A_WEEK)


class TestPages:
    def test_a_plan_is_kept(self, small_bank: None, alice: User, bob: User, client: Client) -> None:
        client.force_login(alice)
        plan = {"track": "F", "new_a_day": "4", "starts_on": "2026-01-01", "hours_a_week": "21"}
        page = client.post(reverse("practice:path"), plan, follow=True)
        assert "2026-02-14" in page.content.decode()
        kept = Plan.objects.get()
        assert (kept.user, kept.track, kept.new_a_day, kept.hours_a_week) == (alice, "F", 4, 21.0)
        client.post(reverse("practice:path"), {**plan, "new_a_day": "5"})
        assert Plan.objects.get().new_a_day == 5

    @pytest.mark.parametrize(
        "wrong", [{"track": "Z"}, {"new_a_day": "-1"}, {"hours_a_week": "0"}, {"starts_on": "soon"}]
    )
    def test_a_wrong_plan_is_refused_on_its_field(
        self, small_bank: None, alice: User, client: Client, wrong: dict[str, str]
    ) -> None:
        client.force_login(alice)
        plan = {"track": "", "new_a_day": "4", "starts_on": "2026-01-01", "hours_a_week": "21", **wrong}
        page = client.post(reverse("practice:path"), plan)
        assert list(page.context["form"].errors) == list(wrong)
        assert not Plan.objects.exists()

    def test_it_can_be_read_without_an_account(self, small_bank: None, client: Client) -> None:
        assert client.get(reverse("practice:path")).status_code == 200
        client.post(reverse("practice:path"), {"new_a_day": "4"})
        assert not Plan.objects.exists()
