from django.contrib import admin

from evalhub.admin import ReadOnlyAdmin
from questions.practice.models import Attempt, Session


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Whose sitting, when; what people wrote is theirs and is not listed."""

    list_display = ["user", "track", "topic", "language", "started_at", "finished_at"]
    list_select_related = ["user"]
    list_filter = ["track", "language"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["user", "question_version", "language", "outcome", "score", "rung", "submitted_at"]
    list_select_related = ["user", "question_version__question"]
    list_filter = ["outcome", "rung", "language"]
    exclude = ["response", "evidence"]
