"""Practising: sittings, attempts, grades. One transaction each; an attempt is saved before it is graded."""

import random
from typing import Any

from django.db import transaction
from django.db.models import ExpressionWrapper, F, FloatField, Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from evalhub.accounts.models import User
from evalhub.errors import Invalid, NotReady
from questions.bank.models import Question, QuestionVersion, Topic
from questions.bank.services import body_of
from questions.kinds import KINDS
from questions.languages import CONTENT_LANGUAGES
from questions.practice.models import Attempt, Session

GRADED_AT_ONCE = ("single_choice", "multiple_choice", "numeric", "short_text", "ordering", "long_text")
LONGEST_RESPONSE = 20_000
SEEDS = 1_000_000


@transaction.atomic
def start_session(*, user: User, language: str, track: str = "", topic: str = "") -> Session:
    """Begin a sitting on a track, a topic, or (both empty) the whole bank. Raises Invalid for an unknown one."""
    if language not in CONTENT_LANGUAGES:
        raise Invalid(f"Unknown language {language!r}; choose one of {', '.join(CONTENT_LANGUAGES)}.")
    if track and not Topic.objects.filter(track=track).exists():
        raise Invalid(f"Unknown track {track!r}; choose one from the list.")
    if topic and not Topic.objects.filter(pk=topic).exists():
        raise Invalid(f"Unknown topic {topic!r}; choose one from the list.")
    return Session.objects.create(user=user, language=language, track=track, topic=topic)


@transaction.atomic
def open_attempt(*, session: Session) -> Attempt | None:
    """The sitting's unanswered attempt, else a new one on the next question; None when the selection is through."""
    waiting = session.attempts.filter(submitted_at=None).first()
    if waiting:
        return waiting
    version = _next_version(session)
    if version is None:
        Session.objects.filter(pk=session.pk, finished_at=None).update(finished_at=Now())
        return None
    return start_attempt(user=session.user, version=version, language=session.language, session=session)


def start_attempt(
    *, user: User, version: QuestionVersion, language: str, session: Session | None = None
) -> Attempt:
    """An empty attempt with a seed of its own: the order of choices, the numbers of a family."""
    seed = random.randrange(SEEDS)  # noqa: S311  not a secret
    return Attempt.objects.create(
        user=user, session=session, question_version=version, language=language, seed=seed
    )


def save_draft(*, attempt: Attempt, response: str) -> None:
    """Keep what has been typed so far. A submitted attempt is left as it is."""
    Attempt.objects.filter(pk=attempt.pk, submitted_at=None).update(response=response[:LONGEST_RESPONSE])


def submit_attempt(*, attempt: Attempt, response: str) -> Attempt:
    """Save the response, then grade it. Raises NotReady if it was submitted before, Invalid if it is too long."""
    if len(response) > LONGEST_RESPONSE:
        raise Invalid(
            f"The answer has {len(response)} characters; the most is {LONGEST_RESPONSE}. Shorten it."
        )
    now = timezone.now()
    saved = Attempt.objects.filter(pk=attempt.pk, submitted_at=None).update(
        response=response, submitted_at=now, seconds=(now - attempt.started_at).total_seconds()
    )
    if not saved:  # a double click, or another tab was quicker
        raise NotReady("This attempt is submitted already. Practise the question again for a new one.")
    return grade_attempt(attempt_id=attempt.pk)


@transaction.atomic
def grade_attempt(*, attempt_id: int) -> Attempt:
    """Grade a submitted attempt by its kind: the same code that grades an endpoint's answer. Safe to repeat."""
    attempt = Attempt.objects.select_related("question_version").get(pk=attempt_id)
    version = attempt.question_version
    kind = KINDS[version.kind]
    presented = kind.present(body_of(version, attempt.seed), language=attempt.language, seed=attempt.seed)
    grade = kind.grade(presented, attempt.response, language=attempt.language)
    attempt.outcome, attempt.score, attempt.max_score = grade.outcome, grade.score, grade.max_score
    attempt.rung, attempt.evidence = grade.rung, grade.as_dict()
    attempt.save(update_fields=["outcome", "score", "max_score", "rung", "evidence"])
    return attempt


def _next_version(session: Session) -> QuestionVersion | None:
    """First what the person never tried, then what went worst, longest ago first; never twice in a sitting."""
    mine = Q(versions__attempts__user=session.user, versions__attempts__submitted_at__isnull=False)
    candidates = (
        _selection(session)
        .exclude(versions__attempts__session=session)
        .annotate(
            best=Max("versions__attempts__score", filter=mine),
            last=Max("versions__attempts__submitted_at", filter=mine),
        )
    )
    fresh = list(candidates.filter(last=None).values_list("pk", flat=True))
    if fresh:
        chosen = random.choice(fresh)  # noqa: S311  variety, not secrecy
    else:
        worst_first = ExpressionWrapper(F("best"), output_field=FloatField())
        seen = (
            candidates.order_by(worst_first.asc(nulls_first=True), "last")
            .values_list("pk", flat=True)
            .first()
        )
        if seen is None:
            return None
        chosen = seen
    current: Any = Question.objects.select_related("current__topic").get(pk=chosen).current
    return current  # type: ignore[no-any-return]


def _selection(session: Session) -> Any:
    questions = Question.objects.visible_to(session.user).for_practice()
    questions = questions.filter(current__kind__in=GRADED_AT_ONCE)
    if session.topic:
        return questions.filter(current__topic=session.topic)
    if session.track:
        return questions.filter(current__topic__track=session.track)
    return questions
