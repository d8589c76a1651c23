"""Bookmarks, notes and the mistakes of a person; nobody else's."""

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.errors import Invalid
from questions.bank.models import Question
from questions.practice import notebook
from questions.practice.models import Mark
from tests.practice.answering import answered

pytestmark = pytest.mark.django_db


def listed(user: User, show: str = "mistakes", track: str = "") -> list[str]:
    return [entry.question.slug for entry in notebook.entries(user, show, "en", track)]


def test_a_mistake_stays_until_it_is_answered_fully(small_bank: None, alice: User, bob: User) -> None:
    answered(alice, "f1-a", right=False)
    answered(alice, "d1-c", right=False)
    answered(alice, "f1-b", right=True)
    assert listed(alice) == ["d1-c", "f1-a"]  # the newest first
    assert listed(alice, track="F") == ["f1-a"]
    assert listed(bob) == []
    answered(alice, "d1-c", right=True)
    assert listed(alice) == ["f1-a"]


def test_a_bookmark_and_a_note_live_beside_each_other(small_bank: None, alice: User) -> None:
    question = Question.objects.get(slug="f1-a")
    notebook.set_bookmark(user=alice, question=question, on=True)
    notebook.save_note(user=alice, question=question, text="  read again ")
    mark = Mark.objects.get()
    assert (mark.is_bookmarked, mark.note) == (True, "read again")
    notebook.set_bookmark(user=alice, question=question, on=False)
    assert listed(alice, "bookmarks") == []
    assert listed(alice, "notes") == ["f1-a"]
    with pytest.raises(Invalid, match="5001 characters"):
        notebook.save_note(user=alice, question=question, text="x" * 5_001)


def test_a_retired_question_leaves_the_notebook(small_bank: None, alice: User) -> None:
    answered(alice, "f1-a", right=False)
    Question.objects.update(status="retired")
    assert listed(alice) == []


class TestPages:
    @pytest.mark.parametrize("show", ["mistakes", "bookmarks", "notes", "nonsense"])
    def test_the_page_has_few_queries(
        self, small_bank: None, alice: User, client: Client, show: str, django_assert_max_num_queries
    ) -> None:
        for slug in ("f1-a", "f1-b", "d1-c"):
            answered(alice, slug, right=False)
            question = Question.objects.get(slug=slug)
            notebook.set_bookmark(user=alice, question=question, on=True)
            notebook.save_note(user=alice, question=question, text="why?")
        client.force_login(alice)
        with django_assert_max_num_queries(11):
            page = client.get(reverse("practice:mistakes"), {"show": show})
        assert "Ask f1-b" in page.content.decode()

    def test_a_note_from_the_result_page(self, small_bank: None, alice: User, client: Client) -> None:
        attempt = answered(alice, "f1-a", right=False)
        client.force_login(alice)
        result = reverse("practice:attempt", args=[attempt.pk])
        page = client.post(
            reverse("practice:note", args=["f1-a"]), {"note": "mind this", "back": result}, follow=True
        )
        assert page.redirect_chain[-1][0] == result
        assert "mind this" in page.content.decode()
        assert "Comes back on" in page.content.decode()

    def test_the_way_back_never_leaves_the_site(self, small_bank: None, alice: User, client: Client) -> None:
        client.force_login(alice)
        page = client.post(
            reverse("practice:bookmark", args=["f1-a"]), {"on": "1", "back": "https://evil.example/"}
        )
        assert page.url == reverse("practice:mistakes")

    def test_charlie_sees_no_notes_of_alices_and_marks_nothing_hidden(
        self, small_bank: None, alice: User, charlie: User, client: Client
    ) -> None:
        notebook.save_note(user=alice, question=Question.objects.get(slug="f1-a"), text="secret thought")
        Question.objects.filter(slug="f1-b").update(is_public=False, owner=alice)
        client.force_login(charlie)
        page = client.get(reverse("practice:mistakes"), {"show": "notes"})
        assert "secret thought" not in page.content.decode()
        assert client.post(reverse("practice:note", args=["f1-b"]), {"note": "x"}).status_code == 404
        assert client.post(reverse("practice:bookmark", args=["f1-b"])).status_code == 404
