"""People who practise: sittings, attempts, the turns of an interview, the schedule, plans and notes."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonalQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """A person's sittings and attempts are their own; nobody else sees them."""
        return self.filter(user=user) if getattr(user, "is_authenticated", False) else self.none()


class Session(models.Model):
    """One sitting: a track or a selection, worked through in order."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="practice_sessions")
    track = models.CharField(_("track"), max_length=4, blank=True)
    topic = models.CharField(_("topic"), max_length=8, blank=True)
    is_today = models.BooleanField(_("today's"), default=False)  # what is due, then what is new
    language = models.CharField(_("language"), max_length=10)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]


class AttemptQuerySet(PersonalQuerySet):
    def graded(self) -> Self:
        return self.filter(submitted_at__isnull=False, score__isnull=False)


class Attempt(models.Model):
    """A person's answer to one question version, as presented with `seed`; saved before it is graded."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts")
    session = models.ForeignKey(Session, models.CASCADE, null=True, blank=True, related_name="attempts")
    question_version = models.ForeignKey("bank.QuestionVersion", models.PROTECT, related_name="attempts")
    language = models.CharField(_("language"), max_length=10)
    seed = models.PositiveIntegerField(default=0)
    response = models.TextField(_("response"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, blank=True)
    score = models.FloatField(_("score"), null=True)
    max_score = models.FloatField(_("points"), default=1.0)
    rung = models.CharField(_("graded by"), max_length=20, blank=True)
    evidence = models.JSONField(default=dict)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    seconds = models.FloatField(_("seconds taken"), null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "question_version"], name="attempt_by_user_and_question")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=0, score__lte=1),
                name="attempt_score_is_share",
            ),
        ]


class Turn(models.Model):
    """One turn of an interview: what was asked (`node`) and answered; saved before it is graded."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="turns")
    position = models.PositiveSmallIntegerField()
    node = models.CharField(max_length=60)
    response = models.TextField(_("response"), blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, blank=True)
    grade = models.JSONField(default=dict)  # questions.kinds.base.Grade.as_dict
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    seconds = models.FloatField(_("seconds taken"), null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["attempt", "position"], name="one_turn_a_position")]


class Card(models.Model):
    """When a person should see a question again: the state of FSRS, moved only by grades that landed.

    `weak` holds the criteria (ids) the last graded answer missed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="cards")
    question = models.ForeignKey("bank.Question", models.CASCADE, related_name="cards")
    state = models.PositiveSmallIntegerField(default=1)
    step = models.PositiveSmallIntegerField(null=True, default=0)
    stability = models.FloatField(null=True)
    difficulty = models.FloatField(null=True)
    due_at = models.DateTimeField(_("due"))
    last_review_at = models.DateTimeField(null=True)
    review_count = models.PositiveIntegerField(default=0)
    weak = models.JSONField(default=list)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["due_at"]
        indexes = [models.Index(fields=["user", "due_at"], name="card_by_user_and_due")]
        constraints = [models.UniqueConstraint(fields=["user", "question"], name="one_card_a_question")]


class Review(models.Model):
    """One move of a card by one attempt; an attempt moves its card once, however often it is graded."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="reviews")
    attempt = models.OneToOneField(Attempt, models.CASCADE, related_name="review")
    rating = models.PositiveSmallIntegerField()  # fsrs.Rating: 1 again, 2 hard, 3 good, 4 easy
    reviewed_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]


class Plan(models.Model):
    """How a person wants to practise: a track for what is new, how much of it, from when, how many hours."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="practice_plan")
    track = models.CharField(_("track"), max_length=4, blank=True)
    new_a_day = models.PositiveSmallIntegerField(_("new questions a day"), default=10)
    starts_on = models.DateField(_("start"), null=True, blank=True)
    hours_a_week = models.FloatField(_("hours a week"), default=10.5)


class Mark(models.Model):
    """A person's bookmark on a question, and their note to it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="marks")
    question = models.ForeignKey("bank.Question", models.CASCADE, related_name="marks")
    is_bookmarked = models.BooleanField(_("bookmarked"), default=False)
    note = models.TextField(_("note"), blank=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at"]
        constraints = [models.UniqueConstraint(fields=["user", "question"], name="one_mark_a_question")]
