from django.db import models


class Cell(models.Model):
    """One number of a run, ready for a board: the running sums, and once the run is finished its interval.

    `metric` is a name of evalhub.metrics (`accuracy`, `truncated`, ...) or of a cost (`latency_p50`);
    `facet` is what the items were cut by (`all`, `track`, `topic`, `language`, `kind`) and `value` the cut.
    Sums are raised by increment in the transaction that writes the answers; the interval waits for the end,
    since it must not be looked at to decide when to stop.
    """

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="cells", db_index=False)  # unique below
    metric = models.CharField(max_length=40)
    facet = models.CharField(max_length=20, default="all")
    value = models.CharField(max_length=40, blank=True)
    n = models.PositiveIntegerField(default=0)
    total = models.FloatField(default=0)
    total_squared = models.FloatField(default=0)
    chance = models.FloatField(default=0)  # sum of the items' chance scores
    estimate = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    method = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "metric", "facet", "value"], name="one_cell"),
            models.CheckConstraint(
                condition=models.Q(low=None, high=None) | models.Q(low__lte=models.F("high")),
                name="cell_interval_in_order",
            ),
        ]
