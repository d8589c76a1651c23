"""Leaderboards: what is compared, and the last computed rows."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from evalhub.accounts.models import Owned


class Board(Owned):
    """A leaderboard over one suite: endpoints as rows, chosen columns."""

    slug = models.SlugField(_("name in addresses"), max_length=80, unique=True, allow_unicode=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)
    title_en = models.CharField(_("title (English)"), max_length=200)
    suite = models.ForeignKey("suites.Suite", models.CASCADE, related_name="boards")
    suite_version = models.ForeignKey(
        "suites.SuiteVersion", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    columns = models.JSONField(_("columns"), default=list)  # names of evalhub.boards.columns
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, blank=True)

    class Meta:
        ordering = ["slug"]

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "").startswith("zh") else self.title_en

    def __str__(self) -> str:
        return self.title


class BoardRow(models.Model):
    """An endpoint's latest finished run on the board's suite version, with its rank as an interval."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="rows")
    endpoint = models.ForeignKey("endpoints.Endpoint", models.CASCADE, related_name="+")
    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="+")
    n = models.PositiveIntegerField()
    score = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    method = models.CharField(max_length=40)
    rank_low = models.PositiveIntegerField(null=True)
    rank_high = models.PositiveIntegerField(null=True)
    letters = models.CharField(max_length=20, blank=True)  # endpoints that share a letter are not told apart
    chance = models.FloatField(null=True)
    cost_nano = models.BigIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    latency_p50 = models.FloatField(null=True)
    latency_p95 = models.FloatField(null=True)

    class Meta:
        ordering = ["board", "rank_low", "-score", "endpoint"]
        constraints = [
            models.UniqueConstraint(fields=["board", "endpoint"], name="one_board_row"),
            models.CheckConstraint(
                condition=models.Q(rank_low=None) | models.Q(rank_low__lte=models.F("rank_high")),
                name="board_rank_in_order",
            ),
        ]
