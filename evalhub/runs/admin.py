from django.contrib import admin

from evalhub.admin import ReadOnlyAdmin
from evalhub.runs.models import (
    Answer,
    BenchmarkScore,
    BenchmarkScoring,
    Cell,
    Grade,
    Intent,
    Run,
    Shard,
    Worker,
)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs are started, paused and cancelled on their own pages, where the services guard them."""

    list_display = [
        "id",
        "endpoint",
        "suite_version",
        "status",
        "expected",
        "done",
        "failed",
        "owner",
        "started_at",
    ]
    list_select_related = ["endpoint", "suite_version__suite", "owner"]
    list_filter = ["status", "pool", "is_public"]
    search_fields = ["endpoint__name", "suite_version__suite__slug"]


@admin.register(Shard)
class ShardAdmin(ReadOnlyAdmin):
    list_display = [
        "run_id",
        "index",
        "first",
        "last",
        "status",
        "holder",
        "lease_until",
        "not_before",
        "fence",
        "deaths",
    ]
    list_filter = ["status"]
    search_fields = ["=run__id", "holder"]
    ordering = ["-pk"]


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "run_id",
        "item_id",
        "repeat",
        "outcome",
        "score",
        "extracted",
        "latency_s",
        "created_at",
    ]
    list_filter = ["outcome"]
    search_fields = ["=run__id"]
    ordering = ["-pk"]


@admin.register(Grade)
class GradeAdmin(ReadOnlyAdmin):
    list_display = ["id", "answer_id", "grader", "rung", "outcome", "score", "created_at"]
    list_filter = ["rung", "outcome"]
    search_fields = ["=answer__id", "grader"]
    ordering = ["-pk"]


@admin.register(Cell)
class CellAdmin(ReadOnlyAdmin):
    list_display = ["run_id", "metric", "facet", "value", "n", "estimate", "low", "high", "method"]
    list_filter = ["facet"]
    search_fields = ["=run__id", "metric"]
    ordering = ["-pk"]


@admin.register(Intent)
class IntentAdmin(ReadOnlyAdmin):
    """Never settled means: possibly billed."""

    list_display = [
        "id",
        "run_id",
        "shard_id",
        "item_id",
        "fence",
        "reserved_nano",
        "is_settled",
        "created_at",
    ]
    list_filter = ["is_settled"]
    search_fields = ["=run__id"]
    ordering = ["-pk"]


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ["name", "pool", "host", "pid", "version", "in_flight", "shards", "beat_at", "stopped_at"]
    list_filter = ["pool"]
    search_fields = ["name", "host"]
    ordering = ["-beat_at"]


@admin.register(BenchmarkScore)
class BenchmarkScoreAdmin(ReadOnlyAdmin):
    list_display = ["run_id", "name", "shots", "metric", "filter", "value", "stderr", "n", "of"]
    list_filter = ["is_group"]
    search_fields = ["=run__id", "name", "metric"]
    ordering = ["-pk"]


@admin.register(BenchmarkScoring)
class BenchmarkScoringAdmin(ReadOnlyAdmin):
    list_display = ["run_id", "started_at"]
    search_fields = ["=run__id"]
    ordering = ["-pk"]
