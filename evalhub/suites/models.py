"""What is asked of endpoints: suites, their frozen versions, and items."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evalhub import choices
from evalhub.accounts.models import Owned


class Suite(Owned):
    """A named, growing set of things to ask; `recipe` says how its next version is composed (sources.py)."""

    slug = models.SlugField(_("name in addresses"), max_length=80, unique=True, allow_unicode=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    description_zh = models.TextField(_("description (Chinese)"), blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    recipe = models.JSONField(_("recipe"), default=dict)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "").startswith("zh") else self.title_en

    @property
    def description(self) -> str:
        return self.description_zh if (get_language() or "").startswith("zh") else self.description_en


class SuiteVersion(models.Model):
    """One composition of a suite. Frozen (items, hash, settings) before it is first run; never changed after."""

    suite = models.ForeignKey(Suite, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    item_count = models.PositiveIntegerField(_("items"), default=0)
    content_hash = models.CharField(_("content hash"), max_length=64)
    recipe = models.JSONField(_("recipe as it was"), default=dict)
    frozen_at = models.DateTimeField(_("frozen"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["suite", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["suite", "number"], name="one_suite_version_number"),
            models.UniqueConstraint(fields=["suite", "content_hash"], name="one_suite_version_content"),
        ]

    def __str__(self) -> str:
        return f"{self.suite.title} v{self.number}"


class Item(models.Model):
    """One thing asked. `spec` holds all that rendering and grading need, so a run never looks at the bank again.

    `spec` for the bank: {"kind", "language", "presented": Presented.as_dict()} (questions.kinds.base).
    `key` is stable over versions of the suite where the content is the same: the same key means the same item.
    """

    version = models.ForeignKey(SuiteVersion, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField(_("position"))
    key = models.CharField(_("key"), max_length=64)
    source = models.CharField(_("source"), max_length=20, default="bank")
    kind = models.CharField(_("kind"), max_length=40, choices=choices.kinds)
    language = models.CharField(_("language"), max_length=10)
    track = models.CharField(_("track"), max_length=4, blank=True)
    topic = models.CharField(_("topic"), max_length=8, blank=True)
    cluster = models.CharField(
        _("cluster"), max_length=80
    )  # items that stand or fall together: a family, a passage, a language pair
    weight = models.FloatField(_("weight"), default=1.0)
    chance = models.FloatField(_("score of a random guess"), default=0.0)
    spec = models.JSONField(_("what is asked"))
    question_version = models.ForeignKey(
        "bank.QuestionVersion", models.PROTECT, null=True, blank=True, related_name="items"
    )

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="one_item_position"),
            models.UniqueConstraint(fields=["version", "key"], name="one_item_key"),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="item_weight_positive"),
            models.CheckConstraint(
                condition=models.Q(chance__gte=0, chance__lte=1), name="item_chance_is_share"
            ),
        ]
