from django.db import models
from django.utils.translation import gettext_lazy as _


class BenchmarkScore(models.Model):
    """One number of an lm-eval benchmark (or group) in a finished run, aggregated by lm-eval's own functions.

    `metric` and `filter` are lm-eval's (`exact_match`, `strict-match`); `stderr` is its standard error, None where it has none.
    `shots` tells two uses of one benchmark apart. `n` counts documents with an answer, of `of` in the suite version.
    """

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="benchmark_scores", db_index=False)
    repeat = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("benchmark"), max_length=120)
    shots = models.PositiveSmallIntegerField(_("worked examples"), default=0)
    is_group = models.BooleanField(default=False)
    metric = models.CharField(_("metric"), max_length=80)
    filter = models.CharField(_("filter"), max_length=80)
    value = models.FloatField(_("value"), null=True)
    stderr = models.FloatField(_("standard error"), null=True)
    n = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    is_higher_better = models.BooleanField(null=True)
    lm_eval = models.CharField(max_length=40)  # the release that scored it

    class Meta:
        ordering = ["run", "repeat", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "repeat", "name", "shots", "metric", "filter"], name="one_benchmark_score"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.metric},{self.filter}"


class BenchmarkScoring(models.Model):
    """A worker is scoring this run's benchmarks now: the others leave it alone until it is done, or too long dead."""

    run = models.OneToOneField("runs.Run", models.CASCADE, primary_key=True, related_name="+")
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"scoring of run {self.run_id}"
