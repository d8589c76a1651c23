from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from evalhub.accounts.models import Owned, OwnedQuerySet


class RunStatus(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    PAUSED = "paused", _("paused")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")

    @classmethod
    def open(cls) -> list[str]:
        return [cls.QUEUED, cls.RUNNING, cls.PAUSED]


class RunQuerySet(OwnedQuerySet):
    def finished(self) -> Self:
        return self.filter(status=RunStatus.FINISHED)

    def with_names(self) -> Self:
        return self.select_related("endpoint", "suite_version__suite", "owner")


class Run(Owned):
    """An endpoint on a frozen suite version, with its settings, budget and counters.

    Invariant I1: expected = done + failed + quarantined + cancelled once the run is finished or cancelled.
    Money is in nano units (1e-9) of `currency`, so that sums are exact integers.
    """

    endpoint = models.ForeignKey("endpoints.Endpoint", models.PROTECT, related_name="runs")
    suite_version = models.ForeignKey("suites.SuiteVersion", models.PROTECT, related_name="runs")
    status = models.CharField(_("status"), max_length=12, choices=RunStatus, default=RunStatus.QUEUED)
    reason = models.CharField(_("reason"), max_length=40, blank=True)  # why paused or cancelled: a code
    reason_text = models.TextField(_("what happened"), blank=True)
    pool = models.CharField(_("pool"), max_length=20, default="eval_api")
    priority = models.SmallIntegerField(_("priority"), default=1)  # 0 first, 1 normal, 2 when idle
    settings = models.JSONField(_("settings"), default=dict)  # workers.executors.RunSettings.as_dict()
    repeats = models.PositiveSmallIntegerField(_("repeats"), default=1)
    expected = models.PositiveIntegerField(_("answers expected"), default=0)
    done = models.PositiveIntegerField(_("answered"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    quarantined = models.PositiveIntegerField(_("quarantined"), default=0)
    cancelled = models.PositiveIntegerField(_("cancelled"), default=0)
    tokens_in = models.PositiveBigIntegerField(_("input tokens"), default=0)
    tokens_out = models.PositiveBigIntegerField(_("output tokens"), default=0)
    input_price = models.FloatField(_("price per million input tokens"), default=0)
    output_price = models.FloatField(_("price per million output tokens"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    budget_nano = models.BigIntegerField(_("budget"), null=True, blank=True)
    spent_nano = models.BigIntegerField(_("spent"), default=0)
    reserved_nano = models.BigIntegerField(_("reserved"), default=0)
    manifest = models.JSONField(_("manifest"), default=dict)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = RunQuerySet.as_manager()  # type: ignore[misc]  # django-stubs: a manager of a subclass

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "pool"], name="run_by_status_and_pool")]
        constraints = [
            models.CheckConstraint(condition=models.Q(repeats__gte=1), name="run_repeats_positive"),
            models.CheckConstraint(
                condition=models.Q(priority__gte=0, priority__lte=2), name="run_priority_known"
            ),
            models.CheckConstraint(
                condition=models.Q(budget_nano=None)
                | models.Q(budget_nano__gte=models.F("spent_nano") + models.F("reserved_nano")),
                name="run_within_budget",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.endpoint} · {self.suite_version}"

    @property
    def settled(self) -> int:
        return self.done + self.failed + self.quarantined + self.cancelled

    @property
    def is_open(self) -> bool:
        return self.status in RunStatus.open()


class ShardStatus(models.TextChoices):
    OPEN = "open", _("open")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class Shard(models.Model):
    """The part of a run one worker takes: items [first, last] by position, all repeats; leased with a fence."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="shards", db_index=False)  # unique below
    index = models.PositiveIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=ShardStatus, default=ShardStatus.OPEN)
    holder = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)  # the database's clock
    not_before = models.DateTimeField(null=True, blank=True)  # parked until (Retry-After, breaker)
    fence = models.PositiveIntegerField(default=0)
    deaths = models.PositiveSmallIntegerField(default=0)  # leases that ran out
    forgiven = models.PositiveIntegerField(default=0)  # deaths under fences up to this one count no more

    class Meta:
        ordering = ["run", "index"]
        constraints = [
            models.UniqueConstraint(fields=["run", "index"], name="one_shard_index"),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="shard_range_not_empty"
            ),
        ]
        indexes = [models.Index(fields=["run", "status", "index"], name="shard_claimable")]

    def __str__(self) -> str:
        return f"shard {self.index} of run {self.run_id}"
