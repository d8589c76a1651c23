"""One's own data: all of it in the export, none of it left after deletion, nobody else's touched."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from questions.bank.models import Question
from questions.practice import interviews, notebook, own_data, services
from questions.practice.models import Attempt, Card, Mark, Plan, Review, Session, Turn
from tests.practice.answering import answered

pytestmark = pytest.mark.django_db
KEPT = (Attempt, Session, Card, Mark, Plan)


@pytest.fixture
def full(talk: Question, alice: User, bob: User) -> None:
    for user in (alice, bob):
        session = services.start_today(user=user, language="en")
        services.open_attempt(session=session)
        answered(user, "f1-a", right=False)
        begun = interviews.start_interview(user=user, version=talk.current, language="en")
        interviews.answer_turn(
            attempt=begun, position=1, response=f"{user.username} would look at the profiler first"
        )
        notebook.save_note(user=user, question=talk, text=f"note of {user.username}")
        Plan.objects.create(user=user, track="F")


def test_the_export_holds_every_row_of_one_person(full: None, alice: User) -> None:
    found = own_data.export(alice)
    assert [row["question"] for row in found["attempts"]] == ["d1-c", "f1-a", "i1-talk"]
    assert found["attempts"][2]["turns"][0]["response"] == "alice would look at the profiler first"
    assert found["attempts"][1]["evidence"]["outcome"] == "wrong"
    assert (found["schedule"][0]["question"], len(found["schedule"][0]["reviews"])) == ("f1-a", 1)
    assert found["notebook"][0]["note"] == "note of alice"
    assert found["plan"]["track"] == "F"
    assert len(found["sessions"]) == 1


def test_deletion_leaves_nothing_of_hers_and_all_of_his(full: None, alice: User, bob: User) -> None:
    before = own_data.held(bob)
    gone = own_data.delete_all(user=alice)
    assert (gone.attempts, gone.cards, gone.turns) == (3, 1, 2)
    for kept in KEPT:
        assert not kept.objects.filter(user=alice).exists()
    assert not Turn.objects.filter(attempt__user=alice).exists()
    assert own_data.held(alice).is_empty
    assert own_data.held(bob) == before
    assert Review.objects.get().card.user == bob
    assert User.objects.filter(pk=alice.pk).exists()


class TestPages:
    def test_the_download_is_hers_alone(self, full: None, alice: User, client: Client) -> None:
        client.force_login(alice)
        page = client.get(reverse("practice:export"))
        assert page["Content-Disposition"].startswith("attachment")
        text = page.content.decode()
        assert json.loads(text)["format"] == own_data.FORMAT
        assert "note of alice" in text
        assert "bob" not in text

    def test_deletion_asks_for_the_tick(self, full: None, alice: User, client: Client) -> None:
        client.force_login(alice)
        client.post(reverse("practice:delete"))
        assert Attempt.objects.filter(user=alice).count() == 3
        page = client.post(reverse("practice:delete"), {"sure": "on"}, follow=True)
        assert "Deleted: 3 attempts" in page.content.decode()
        assert not Attempt.objects.filter(user=alice).exists()

    @pytest.mark.parametrize("name", ["data", "export", "delete"])
    def test_without_an_account_there_is_nothing(self, name: str, client: Client, db: None) -> None:
        send = client.post if name == "delete" else client.get
        assert send(reverse(f"practice:{name}")).url.startswith(reverse("account_login"))
