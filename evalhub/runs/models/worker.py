from django.db import models


class Worker(models.Model):
    """A claim loop that is or was alive: its pool, host, version and last heartbeat (the database's clock)."""

    name = models.CharField(max_length=120, unique=True)
    pool = models.CharField(max_length=20)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=40)
    in_flight = models.PositiveIntegerField(default=0)
    shards = models.PositiveIntegerField(default=0)
    state = models.JSONField(
        default=dict
    )  # {"shards": [ids held], "limits": [LimiterState of each endpoint asked]}
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
