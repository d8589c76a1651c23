"""Practising: saved before graded, graded by the same code as an endpoint's answer, one's own alone."""

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.errors import Invalid, NotReady
from questions.bank import shipped
from questions.bank.models import Question
from questions.bank.services import load_shipped
from questions.practice import services
from questions.practice.models import Attempt, Session
from questions.practice.queries import people_statistics, standing

pytestmark = pytest.mark.django_db


def choice(text: str, *, correct: bool = False) -> dict[str, object]:
    pair = {"zh-Hans": f"{text}(中)", "en": text}
    return {"text": pair, "correct": correct, "rationale": {"zh-Hans": "因为", "en": f"because {text}"}}


def question(slug: str, topic: str = "F1") -> shipped.ShippedQuestion:
    body = {
        "id": slug,
        "kind": "single_choice",
        "stem": {"zh-Hans": f"问 {slug}", "en": f"Ask {slug}"},
        "choices": [choice("yes", correct=True), choice("no"), choice("perhaps"), choice("never")],
        "solution": {"zh-Hans": "解", "en": "It is yes."},
    }
    meta = {"style": "fundamentals", "depth": "recall", "stage": 3, "difficulty": 1, "audience": ["campus"]}
    return shipped.ShippedQuestion(slug, "single_choice", topic, body, meta)


@pytest.fixture
def bank() -> None:
    load_shipped(questions=[question("f1-a"), question("f1-b"), question("d1-c", "D1")])


def letter_of(attempt: Attempt, *, right: bool) -> str:
    from questions.bank.queries import reading

    choices = reading(attempt.question_version, attempt.language, attempt.seed).choices
    return next(choice.letter for choice in choices if choice.is_correct is right)


def test_a_sitting_asks_each_question_of_its_track_once(bank: None, alice: User) -> None:
    session = services.start_session(user=alice, language="en", track="F")
    asked = set()
    while attempt := services.open_attempt(session=session):
        asked.add(attempt.question_version.question.slug)
        services.submit_attempt(attempt=attempt, response="")
    assert asked == {"f1-a", "f1-b"}
    session.refresh_from_db()
    assert session.finished_at is not None


def test_what_went_worst_comes_back_first(bank: None, alice: User) -> None:
    first = services.start_session(user=alice, language="en", track="F")
    one = services.open_attempt(session=first)
    assert one
    services.submit_attempt(attempt=one, response=letter_of(one, right=True))
    two = services.open_attempt(session=first)
    assert two
    services.submit_attempt(attempt=two, response=letter_of(two, right=False))
    again = services.open_attempt(session=services.start_session(user=alice, language="en", track="F"))
    assert again
    assert again.question_version == two.question_version


def test_a_submitted_attempt_is_graded_with_its_rung_and_evidence(bank: None, alice: User) -> None:
    session = services.start_session(user=alice, language="en", track="D")
    attempt = services.open_attempt(session=session)
    assert attempt
    graded = services.submit_attempt(attempt=attempt, response=letter_of(attempt, right=True))
    assert (graded.outcome, graded.score, graded.rung) == ("correct", 1.0, "key")
    assert graded.evidence["evidence"][0]["verdict"] == "met"
    assert services.grade_attempt(attempt_id=graded.pk).score == 1.0


def test_an_attempt_is_submitted_once_and_keeps_its_draft_until_then(bank: None, alice: User) -> None:
    attempt = services.open_attempt(session=services.start_session(user=alice, language="en"))
    assert attempt
    services.save_draft(attempt=attempt, response="B")
    attempt.refresh_from_db()
    assert attempt.response == "B"
    services.submit_attempt(attempt=attempt, response="A")
    with pytest.raises(NotReady, match="submitted already"):
        services.submit_attempt(attempt=attempt, response="B")
    services.save_draft(attempt=attempt, response="late")
    attempt.refresh_from_db()
    assert attempt.response == "A"


def test_an_answer_that_is_too_long_is_refused_whole(bank: None, alice: User) -> None:
    attempt = services.open_attempt(session=services.start_session(user=alice, language="en"))
    assert attempt
    with pytest.raises(Invalid, match="20001 characters"):
        services.submit_attempt(attempt=attempt, response="x" * 20_001)
    assert Attempt.objects.get().submitted_at is None


@pytest.mark.parametrize("selection", [{"track": "Z"}, {"topic": "F99"}, {"language": "fr"}])
def test_an_unknown_selection_is_refused(bank: None, alice: User, selection: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="Unknown"):
        services.start_session(**{"user": alice, "language": "en", **selection})
    assert not Session.objects.exists()


def test_standing_counts_questions_not_attempts(bank: None, alice: User, django_assert_num_queries) -> None:
    for _ in range(2):
        session = services.start_session(user=alice, language="en", topic="D1")
        attempt = services.open_attempt(session=session)
        assert attempt
        services.submit_attempt(attempt=attempt, response=letter_of(attempt, right=True))
    with django_assert_num_queries(3):
        rows = {row.track.code: row for row in standing(alice)}
    assert (rows["D"].tried, rows["D"].solved, rows["D"].count) == (1, 1, 1)
    assert (rows["F"].tried, rows["F"].solved, rows["F"].count) == (0, 0, 2)


def test_people_count_once_by_their_first_attempt(bank: None, alice: User, bob: User) -> None:
    version = Question.objects.get(slug="d1-c").current
    for user, tries in ((alice, [False, True]), (bob, [True])):
        for right in tries:
            attempt = services.start_attempt(user=user, version=version, language="en")
            services.submit_attempt(attempt=attempt, response=letter_of(attempt, right=right))
    found = people_statistics(version)
    assert (found.people, found.solved.estimate, found.solved.method) == (2, 0.5, "wilson")


class TestPages:
    def test_from_start_to_solution(self, bank: None, alice: User, client: Client) -> None:
        client.force_login(alice)
        page = client.post(reverse("practice:start"), {"track": "D", "language": "en"}, follow=True)
        attempt = Attempt.objects.get()
        assert page.status_code == 200
        assert "because yes" not in page.content.decode()
        assert client.post(reverse("practice:draft", args=[attempt.pk]), {"response": "C"}).status_code == 204
        answer = {"response": letter_of(attempt, right=True)}
        page = client.post(reverse("practice:attempt", args=[attempt.pk]), answer, follow=True)
        assert "because yes" in page.content.decode()
        page = client.post(reverse("practice:next", args=[attempt.session_id]), follow=True)
        assert page.redirect_chain[-1][0] == reverse("practice:session", args=[attempt.session_id])

    def test_charlie_sees_nothing_of_alices(
        self, bank: None, alice: User, charlie: User, client: Client
    ) -> None:
        session = services.start_session(user=alice, language="en")
        attempt = services.open_attempt(session=session)
        assert attempt
        client.force_login(charlie)
        assert client.get(reverse("practice:attempt", args=[attempt.pk])).status_code == 404
        assert (
            client.post(reverse("practice:attempt", args=[attempt.pk]), {"response": "A"}).status_code == 404
        )
        assert client.post(reverse("practice:draft", args=[attempt.pk]), {"response": "A"}).status_code == 404
        assert client.get(reverse("practice:session", args=[session.pk])).status_code == 404
        assert client.post(reverse("practice:next", args=[session.pk])).status_code == 404
        attempt.refresh_from_db()
        assert (attempt.response, attempt.submitted_at) == ("", None)

    def test_without_an_account_one_may_look_but_not_answer(self, bank: None, client: Client) -> None:
        assert client.get(reverse("practice:index")).status_code == 200
        assert client.post(reverse("practice:start")).url.startswith(reverse("account_login"))

    @pytest.mark.parametrize(
        ("name", "queries"), [("practice:index", 11), ("practice:tracks", 9), ("bank:index", 8)]
    )
    def test_page_queries(
        self, bank: None, alice: User, client: Client, name: str, queries: int, django_assert_max_num_queries
    ) -> None:
        client.force_login(alice)
        with django_assert_max_num_queries(queries):
            assert client.get(reverse(name)).status_code == 200
