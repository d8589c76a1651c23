"""Mock interviews by rule: each turn is saved, then graded, and its grade decides the next one. No endpoint needed."""

import dataclasses
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from evalhub.accounts.models import User
from evalhub.errors import Invalid, NotReady
from questions.bank.models import QuestionVersion
from questions.bank.services import body_of
from questions.kinds.base import Grade, Presented
from questions.kinds.interview import INTERVIEW, next_node, thread_grade
from questions.practice.models import Attempt, Turn
from questions.practice.schedule import record_review
from questions.practice.services import LONGEST_RESPONSE

INTERRUPTED = 3600.0  # seconds after which a turn's time says nothing of its pace


@transaction.atomic
def start_interview(*, user: User, version: QuestionVersion, language: str) -> Attempt:
    """The person's open interview on this question, else a new one at its first turn. Raises Invalid for another kind."""
    if version.kind != INTERVIEW.name:
        raise Invalid(f"{version} is of kind {version.kind!r}, not an interview; practise it as a question.")
    waiting = open_interview(user, version.question_id)
    if waiting:
        return waiting
    attempt = Attempt.objects.create(user=user, question_version=version, language=language)
    Turn.objects.create(attempt=attempt, position=1, node=body_of(version)["nodes"][0]["id"])
    return attempt


def open_interview(user: User, question_id: int) -> Attempt | None:
    """The unfinished interview, begun on whatever device."""
    rows = Attempt.objects.filter(user=user, question_version__question=question_id, submitted_at=None)
    return rows.filter(turns__isnull=False).select_related("question_version").first()


def save_turn_draft(*, attempt: Attempt, response: str) -> None:
    """Keep what has been typed so far in the open turn."""
    attempt.turns.filter(submitted_at=None).update(response=response[:LONGEST_RESPONSE])


def answer_turn(*, attempt: Attempt, position: int, response: str) -> Attempt:
    """Save the answer to a turn, then grade it and open the next one, or end the interview.

    A turn saved before whose grading was cut off is graded now, with what was saved. Raises NotReady where the turn
    is behind already, Invalid for an answer that is too long.
    """
    if len(response) > LONGEST_RESPONSE:
        raise Invalid(
            f"The answer has {len(response)} characters; the most is {LONGEST_RESPONSE}. Shorten it."
        )
    turn = attempt.turns.filter(position=position).first()
    if turn is None or turn.grade:
        raise NotReady("This turn is answered already. Reload the page for the next one.")
    now = timezone.now()
    seconds = (now - turn.started_at).total_seconds()
    Turn.objects.filter(pk=turn.pk, submitted_at=None).update(
        response=response, submitted_at=now, seconds=seconds if seconds < INTERRUPTED else None
    )
    return _go_on(turn.pk)


@transaction.atomic
def end_interview(*, attempt: Attempt) -> Attempt:
    """Stop here: what was answered is graded, the open turn is left out. Raises NotReady with nothing answered."""
    graded = [turn for turn in attempt.turns.all() if turn.grade]
    if not graded:
        raise NotReady(
            "No turn is answered yet, so there is nothing to report. Answer one, or come back later."
        )
    attempt.turns.filter(submitted_at=None).delete()
    return _finish(attempt, graded)


def presented(turn: Turn) -> Presented:
    """The turn as asked, key included. `turn.attempt.question_version` should be loaded."""
    attempt = turn.attempt
    body = body_of(attempt.question_version, attempt.seed)
    return INTERVIEW.present_node(body, turn.node, language=attempt.language, seed=attempt.seed)


@transaction.atomic
def _go_on(turn_id: int) -> Attempt:
    """Grade a saved turn; then the next turn, or the end."""
    turn = Turn.objects.select_related("attempt__question_version").get(pk=turn_id)
    asked = presented(turn)
    grade = INTERVIEW.grade(asked, turn.response, language=turn.attempt.language)
    mine = Turn.objects.filter(pk=turn.pk, grade={}).update(grade=grade.as_dict(), outcome=grade.outcome)
    if not mine:  # a double click: the other request grades and goes on
        return turn.attempt
    following = next_node(asked.key, grade)
    if following is None:
        return _finish(turn.attempt, list(turn.attempt.turns.exclude(grade={})))
    Turn.objects.create(attempt=turn.attempt, position=turn.position + 1, node=following)
    return turn.attempt


def _finish(attempt: Attempt, turns: Sequence[Turn]) -> Attempt:
    whole = thread_grade([_by_node(turn) for turn in turns])
    times = [turn.seconds for turn in turns if turn.seconds is not None]
    ended = Attempt.objects.filter(pk=attempt.pk, submitted_at=None).update(
        response="\n\n".join(turn.response for turn in turns),
        submitted_at=timezone.now(),
        seconds=sum(times) if len(times) == len(turns) else None,
        outcome=whole.outcome,
        score=whole.score,
        max_score=whole.max_score,
        rung=whole.rung,
        evidence=whole.as_dict(),
    )
    if not ended:  # another tab ended it
        raise NotReady("This interview is over already. Its report shows how it went.")
    attempt.refresh_from_db()
    record_review(attempt=attempt)
    return attempt


def _by_node(turn: Turn) -> Grade:
    """The turn's grade, its criteria named `node/criterion`: two turns may use one name."""
    grade = Grade.from_dict(turn.grade)
    named = tuple(
        dataclasses.replace(entry, criterion=f"{turn.node}/{entry.criterion}") for entry in grade.evidence
    )
    return dataclasses.replace(grade, evidence=named)
