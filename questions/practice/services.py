"""Practising: sittings, attempts, grades. One transaction each; an attempt is saved before it is graded."""

import random

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from evalhub.accounts.models import User
from evalhub.errors import Invalid, NotReady
from questions.bank.models import QuestionVersion, Topic
from questions.bank.services import body_of
from questions.kinds import KINDS
from questions.languages import CONTENT_LANGUAGES
from questions.practice.models import Attempt, Session
from questions.practice.schedule import record_review
from questions.practice.selection import next_version
from questions.practice.today import midnight

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
def start_today(*, user: User, language: str) -> Session:
    """Begin today's sitting (what is due, then what is new), or go on with it; an answer left open on an earlier day
    comes first. Raises Invalid for an unknown language.
    """
    if language not in CONTENT_LANGUAGES:
        raise Invalid(f"Unknown language {language!r}; choose one of {', '.join(CONTENT_LANGUAGES)}.")
    begun = Session.objects.filter(user=user, is_today=True, finished_at=None, language=language)
    is_going_on = Q(started_at__gte=midnight(user, timezone.now())) | Q(
        attempts__submitted_at=None, attempts__isnull=False
    )
    waiting: Session | None = begun.filter(is_going_on).first()
    return waiting or Session.objects.create(user=user, language=language, is_today=True)


@transaction.atomic
def open_attempt(*, session: Session) -> Attempt | None:
    """The sitting's unanswered attempt, else a new one on the next question; None when the selection is through."""
    waiting: Attempt | None = session.attempts.filter(submitted_at=None).first()
    if waiting:
        return waiting
    version = next_version(session)
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
    """Grade a submitted attempt by its kind, as an endpoint's answer is, and move its schedule. Safe to repeat."""
    attempt: Attempt = Attempt.objects.select_related("question_version").get(pk=attempt_id)
    version = attempt.question_version
    kind = KINDS[version.kind]
    presented = kind.present(body_of(version, attempt.seed), language=attempt.language, seed=attempt.seed)
    grade = kind.grade(presented, attempt.response, language=attempt.language)
    attempt.outcome, attempt.score, attempt.max_score = grade.outcome, grade.score, grade.max_score
    attempt.rung, attempt.evidence = grade.rung, grade.as_dict()
    attempt.save(update_fields=["outcome", "score", "max_score", "rung", "evidence"])
    record_review(attempt=attempt)
    return attempt
