from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """What became of one thing asked. A truncated reasoning trace is not an answer; failed is ours, wrong is theirs."""

    CORRECT = "correct", _("correct")
    PARTLY = "partly", _("partly correct")
    WRONG = "wrong", _("wrong")
    TRUNCATED = "truncated", _("truncated")
    EMPTY = "empty", _("empty")
    REFUSED = "refused", _("refused")
    INVALID = "invalid", _("no answer found in it")
    UNGRADED = "ungraded", _("waiting for a grade")
    FAILED = "failed", _("failed")
    QUARANTINED = "quarantined", _("quarantined")


class Answer(models.Model):
    """What an endpoint said to one item, once per repeat; `outcome` and `score` mirror its current Grade.

    The prompt is not stored: it is rendered again from the item and the run's settings, and `request_hash`
    proves that what is shown is what was sent.
    """

    run = models.ForeignKey(
        "runs.Run", models.CASCADE, related_name="answers", db_index=False
    )  # see answer_by_run
    item = models.ForeignKey("suites.Item", models.PROTECT, related_name="answers")
    repeat = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    score = models.FloatField(_("score"), null=True)  # 0..1; None: no score (failed, ungraded)
    extracted = models.CharField(_("answer read from it"), max_length=500, blank=True)
    text = models.TextField(_("raw answer"), blank=True)
    reasoning = models.TextField(_("reasoning"), blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    letter_probs = models.JSONField(null=True, blank=True)
    tokens_in = models.PositiveIntegerField(null=True)
    tokens_out = models.PositiveIntegerField(null=True)
    cost_nano = models.BigIntegerField(default=0)
    latency_s = models.FloatField(null=True)
    ttft_s = models.FloatField(null=True)
    requests = models.PositiveSmallIntegerField(default=1)
    is_cached = models.BooleanField(default=False)
    model_reported = models.CharField(max_length=200, blank=True)
    request_hash = models.CharField(max_length=64, blank=True)
    error_class = models.CharField(max_length=60, blank=True)
    error_text = models.TextField(blank=True)
    flags = models.CharField(max_length=80, blank=True)  # degenerate output: space-separated detector names
    worker = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "item", "repeat"], name="one_answer_per_item_and_repeat"),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=0, score__lte=1),
                name="answer_score_is_share",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "id"], name="answer_by_run"),
            models.Index(fields=["run", "outcome", "id"], name="answer_by_outcome"),
        ]


class Grade(models.Model):
    """One judgement of an answer: by which grader, on which rung, with what evidence. Re-grading adds a row."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="grades", db_index=False)  # unique below
    grader = models.CharField(_("grader"), max_length=80)  # e.g. kind:numeric@1, judge:7@3f2a
    rung = models.CharField(_("rung"), max_length=20)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    score = models.FloatField(_("score"), null=True)
    evidence = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["answer", "grader"], name="one_grade_per_grader")]


class Intent(models.Model):
    """A paid request that was about to leave (I3): written before its bytes, settled with its answer.

    Intents never settled are possible bills, and their `reserved_nano` stays reserved in the run; several of one
    item under fences that died mark it as poison. One index only: every read and write of it goes by shard and fence.
    """

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="intents", db_index=False)
    shard = models.ForeignKey("runs.Shard", models.CASCADE, related_name="intents", db_index=False)
    item = models.ForeignKey("suites.Item", models.CASCADE, related_name="+", db_index=False)
    repeat = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField()
    reserved_nano = models.BigIntegerField(default=0)
    requests = models.PositiveSmallIntegerField(default=0)  # how many left under it, known once it is settled
    is_settled = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shard", "fence", "item", "repeat"], name="one_intent_per_fence"),
        ]
