"""People who practise: sessions, attempts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Session(models.Model):
    """One sitting: a track or a selection, worked through in order."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="practice_sessions")
    track = models.CharField(_("track"), max_length=4, blank=True)
    topic = models.CharField(_("topic"), max_length=8, blank=True)
    language = models.CharField(_("language"), max_length=10)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def visible_to(self, user: object) -> "AttemptQuerySet":
        """A person's attempts are their own."""
        return self.filter(user=user) if getattr(user, "is_authenticated", False) else self.none()

    def graded(self) -> "AttemptQuerySet":
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
                condition=models.Q(score=None) | models.Q(score__gte=0, score__lte=1), name="attempt_score_is_share"
            ),
        ]
