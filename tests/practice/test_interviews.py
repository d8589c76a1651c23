"""A mock interview by rule: saved before graded, follow-ups by what was missed, resumed anywhere, reported by point."""

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.errors import Invalid, NotReady
from questions.bank.models import Question
from questions.kinds.interview import INTERVIEW
from questions.practice import interviews, reports
from questions.practice.highlight import pieces
from questions.practice.models import Attempt, Card, Turn

pytestmark = pytest.mark.django_db
STRONG = "It reads the key value cache for every token. The limit is memory bandwidth, not arithmetic."
WEAK = "I think the processor is simply too slow for such a large model to run."
CLOSE = "I would run a profiler on the server while it carries real load from users."


def begun(user: User, talk: Question) -> Attempt:
    return interviews.start_interview(user=user, version=talk.current, language="en")


def said(attempt: Attempt, *answers: str) -> Attempt:
    for position, text in enumerate(answers, start=attempt.turns.count()):
        attempt = interviews.answer_turn(attempt=attempt, position=position, response=text)
    return attempt


def nodes(attempt: Attempt) -> list[str]:
    return list(attempt.turns.values_list("node", flat=True))


def test_a_strong_answer_skips_the_hint(talk: Question, alice: User) -> None:
    attempt = said(begun(alice, talk), STRONG, CLOSE)
    assert nodes(attempt) == ["open", "close"]
    assert (attempt.score, attempt.outcome, attempt.rung) == (1.0, "correct", "key_points")


def test_a_weak_answer_is_followed_up(talk: Question, alice: User) -> None:
    attempt = said(begun(alice, talk), WEAK, STRONG, CLOSE)
    assert nodes(attempt) == ["open", "hint", "close"]
    assert attempt.score == pytest.approx(6 / 10)  # 0 of 4, 2 of 2, 4 of 4
    assert Card.objects.get().weak == ["open/cache", "open/band", "hint/layer"]


def test_a_turn_is_saved_before_it_is_graded(
    talk: Question, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = begun(alice, talk)
    with monkeypatch.context() as patch:
        patch.setattr(type(INTERVIEW), "grade", lambda *_, **__: (_ for _ in ()).throw(OSError("cut off")))
        with pytest.raises(OSError, match="cut off"):
            said(attempt, STRONG)
    turn = Turn.objects.get()
    assert (turn.response, turn.grade) == (STRONG, {})
    assert turn.submitted_at is not None
    interviews.answer_turn(attempt=attempt, position=1, response="something else")
    turn.refresh_from_db()
    assert turn.response == STRONG
    assert nodes(attempt) == ["open", "close"]


def test_an_interview_is_resumed_not_begun_twice(talk: Question, alice: User, bob: User) -> None:
    attempt = said(begun(alice, talk), WEAK)
    interviews.save_turn_draft(attempt=attempt, response="half a th")
    assert begun(alice, talk) == attempt
    assert attempt.turns.last().response == "half a th"
    assert begun(bob, talk) != attempt


def test_a_turn_is_answered_once(talk: Question, alice: User) -> None:
    attempt = said(begun(alice, talk), STRONG)
    with pytest.raises(NotReady, match="answered already"):
        interviews.answer_turn(attempt=attempt, position=1, response=WEAK)
    with pytest.raises(Invalid, match="20001 characters"):
        interviews.answer_turn(attempt=attempt, position=2, response="x" * 20_001)
    assert nodes(attempt) == ["open", "close"]


def test_an_interview_ended_early_is_graded_on_what_was_asked(talk: Question, alice: User) -> None:
    attempt = begun(alice, talk)
    with pytest.raises(NotReady, match="nothing to report"):
        interviews.end_interview(attempt=attempt)
    ended = interviews.end_interview(attempt=said(attempt, STRONG))
    assert (ended.score, nodes(ended)) == (1.0, ["open"])
    with pytest.raises(NotReady, match="over already"):
        interviews.end_interview(attempt=attempt)


def test_a_pause_is_not_pace(talk: Question, alice: User) -> None:
    attempt = begun(alice, talk)
    Turn.objects.update(started_at="2026-01-01T00:00+00:00")
    attempt = said(attempt, STRONG, CLOSE)
    assert attempt.turns.first().seconds is None
    assert attempt.seconds is None


def test_another_kind_is_no_interview(talk: Question, alice: User) -> None:
    version = Question.objects.get(slug="f1-a").current
    with pytest.raises(Invalid, match="single_choice"):
        interviews.start_interview(user=alice, version=version, language="en")


def test_the_report_marks_quotes_and_names_what_is_missing(talk: Question, alice: User) -> None:
    attempt = said(begun(alice, talk), WEAK, STRONG, "")
    found = reports.report(attempt)
    first, hint, last = found.turns
    assert [line.verdict for line in first.lines] == ["not_met", "not_met"]
    assert not any(piece.is_quote for piece in first.pieces)
    assert [piece.text for piece in hint.pieces if piece.is_quote] == [
        "It reads the key value cache for every token."
    ]
    assert "".join(piece.text for piece in hint.pieces) == STRONG
    assert [line.text for line in hint.missing] == ["Names the every layer"]
    assert [line.text for line in last.missing] == ["Names the profiler", "Names the real load"]
    assert found.card == Card.objects.get()


def test_pieces_may_overlap_and_always_join_to_the_answer() -> None:
    cut = pieces("one two three", ["one two", "two three", "absent", ""])
    assert [(piece.text, piece.is_quote) for piece in cut] == [("one two three", True)]
    assert [piece.is_quote for piece in pieces("one two three", ["two"])] == [False, True, False]
    assert pieces("", ["x"]) == []
    assert [piece.text for piece in pieces("The sum is here", ["e sum i"]) if piece.is_quote] == [
        "The sum is"
    ]


def test_an_interview_comes_back_in_days_not_minutes(talk: Question, alice: User) -> None:
    attempt = said(begun(alice, talk), WEAK, WEAK, WEAK)
    again = Card.objects.get().due_at - attempt.submitted_at
    assert again.days >= 1


def test_an_interview_that_lost_points_is_a_mistake(talk: Question, alice: User, client: Client) -> None:
    said(begun(alice, talk), WEAK, STRONG, CLOSE)
    client.force_login(alice)
    page = client.get(reverse("practice:mistakes")).content.decode()
    assert "Why is decoding slow?" in page
    assert reverse("practice:try", args=["i1-talk"]) in page


def test_the_longest_path_is_what_a_thread_may_take(talk: Question) -> None:
    assert reports.longest_path(talk.current.body["nodes"]) == 3


class TestPages:
    def test_from_intro_to_report(self, talk: Question, alice: User, client: Client) -> None:
        client.force_login(alice)
        page = reverse("practice:interview", args=["i1-talk"])
        intro = client.get(page).content.decode()
        assert "up to 3 turns" in intro
        assert "A server slowed down." in intro
        assert client.post(reverse("practice:try", args=["i1-talk"])).url == page
        client.post(reverse("practice:interview-start", args=["i1-talk"]), {"language": "en"})
        attempt = Attempt.objects.get()
        draft = reverse("practice:turn-draft", args=[attempt.pk])
        assert client.post(draft, {"response": "half"}).status_code == 204
        asked = client.get(page).content.decode()
        assert "Why is decoding slow?" in asked
        assert "A server slowed down." in asked
        assert "half" in asked
        assert "memory bandwidth" not in asked
        client.post(reverse("practice:turn", args=[attempt.pk, 1]), {"response": STRONG})
        shown = client.post(reverse("practice:turn", args=[attempt.pk, 2]), {"response": CLOSE}, follow=True)
        assert shown.redirect_chain[-1][0] == reverse("practice:report", args=[attempt.pk])
        assert "A server slowed down." in shown.content.decode()
        assert "<mark>I would run a profiler" in shown.content.decode()
        assert client.get(reverse("practice:attempt", args=[attempt.pk])).url == reverse(
            "practice:report", args=[attempt.pk]
        )

    def test_charlie_gets_nothing_of_alices(
        self, talk: Question, alice: User, charlie: User, client: Client
    ) -> None:
        attempt = said(begun(alice, talk), WEAK)
        client.force_login(charlie)
        assert client.get(reverse("practice:report", args=[attempt.pk])).status_code == 404
        for name, args in (("turn", [attempt.pk, 2]), ("turn-draft", [attempt.pk]), ("end", [attempt.pk])):
            assert client.post(reverse(f"practice:{name}", args=args), {"response": "x"}).status_code == 404
        assert WEAK not in client.get(reverse("practice:interview", args=["i1-talk"])).content.decode()
        assert attempt.turns.last().response == ""

    def test_the_list_is_open_to_all_and_shows_ones_own_standing(
        self, talk: Question, alice: User, client: Client, django_assert_max_num_queries
    ) -> None:
        assert client.get(reverse("practice:interviews")).status_code == 200
        said(begun(alice, talk), STRONG, CLOSE)
        begun(alice, talk)
        client.force_login(alice)
        with django_assert_max_num_queries(6):
            page = client.get(reverse("practice:interviews"))
        thread = page.context["threads"][0]
        assert (thread.best, thread.is_open, thread.turns) == (1.0, True, 3)

    def test_a_question_that_is_no_interview_has_no_such_page(
        self, talk: Question, alice: User, client: Client
    ) -> None:
        client.force_login(alice)
        assert client.get(reverse("practice:interview", args=["f1-a"])).status_code == 404
