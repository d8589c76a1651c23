"""The bank: topics, questions and their immutable versions."""

from typing import Any, Self

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evalhub import choices
from evalhub.accounts.models import Owned, OwnedQuerySet
from evalhub.errors import NotReady


class Topic(models.Model):
    """A topic of the taxonomy, such as I1; its first letter is its track."""

    code = models.CharField(_("code"), max_length=8, primary_key=True)
    track = models.CharField(_("track"), max_length=4, db_index=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=100)
    name_en = models.CharField(_("name (English)"), max_length=100)
    track_name_zh = models.CharField(_("track (Chinese)"), max_length=100)
    track_name_en = models.CharField(_("track (English)"), max_length=100)
    position = models.PositiveIntegerField(_("position"))
    is_thin = models.BooleanField(_("rare in public banks"), default=False)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en

    @property
    def track_name(self) -> str:
        return self.track_name_zh if (get_language() or "").startswith("zh") else self.track_name_en


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    RETIRED = "retired", _("retired")


class Security(models.TextChoices):
    """One question is never both practised and held out."""

    PRACTICE = "practice", _("practice")
    MOCK = "mock", _("mock exams")
    HELD_OUT = "held_out", _("held out")


class QuestionQuerySet(OwnedQuerySet):
    def published(self) -> Self:
        """Approved and with a current version: what may be asked."""
        return self.filter(status=Status.APPROVED, current__isnull=False)

    def for_practice(self) -> Self:
        return self.published().filter(security=Security.PRACTICE)


class Question(Owned):
    """A question through time. Its content lies in its versions; what it is asked as is `current`."""

    uuid = models.UUIDField(_("stable id"), unique=True)
    slug = models.SlugField(_("name in addresses"), max_length=120, unique=True)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    retired_reason = models.TextField(_("why retired"), blank=True)
    security = models.CharField(_("use"), max_length=12, choices=Security, default=Security.PRACTICE)
    current = models.ForeignKey(
        "bank.QuestionVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = QuestionQuerySet.as_manager()  # type: ignore[misc]  # django-stubs: a manager of a subclass

    class Meta:
        ordering = ["slug"]
        indexes = [models.Index(fields=["status", "security"], name="question_by_status_and_use")]

    def __str__(self) -> str:
        return self.slug


class QuestionVersion(models.Model):
    """One version of a question's content; written once, never changed (a mended question gets a new version).

    `body` is the dict of docs/design/content-format.md, both languages; for a parametric family it is
    {"family": name} and questions.families renders it by seed.
    """

    question = models.ForeignKey(Question, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    content_hash = models.CharField(_("content hash"), max_length=64)
    kind = models.CharField(_("kind"), max_length=40, choices=choices.kinds)
    family = models.CharField(_("parametric family"), max_length=60, blank=True)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="question_versions")
    topics = models.ManyToManyField(Topic, related_name="+", blank=True)  # the main one and any further
    style = models.CharField(_("style"), max_length=20)
    depth = models.CharField(_("depth"), max_length=20)
    stage = models.PositiveSmallIntegerField(_("learning stage"))
    difficulty = models.PositiveSmallIntegerField(_("difficulty"))
    audience = models.JSONField(_("audience"), default=list)
    body = models.JSONField(_("content"))
    author = models.CharField(_("author"), max_length=100)
    licence = models.CharField(_("licence (SPDX)"), max_length=40)
    provenance = models.CharField(_("provenance"), max_length=40)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["question", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="one_question_version_number"),
            models.CheckConstraint(
                condition=models.Q(difficulty__gte=1, difficulty__lte=5), name="question_difficulty_1_to_5"
            ),
            models.CheckConstraint(
                condition=models.Q(stage__gte=1, stage__lte=4), name="question_stage_1_to_4"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question.slug} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NotReady(f"{self} is written and cannot change. Add a new version (services.save_version).")
        super().save(*args, **kwargs)
