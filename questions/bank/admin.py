from django.contrib import admin

from evalhub.admin import FastAdmin, ReadOnlyAdmin
from questions.bank.models import Question, QuestionVersion, Topic


@admin.register(Topic)
class TopicAdmin(ReadOnlyAdmin):
    """The taxonomy is shipped with the bank."""

    list_display = ["code", "track", "name_zh", "name_en", "is_thin"]
    list_filter = ["track", "is_thin"]
    search_fields = ["code", "name_zh", "name_en"]


@admin.register(Question)
class QuestionAdmin(FastAdmin):
    """Status and use are set here; content comes as a new version, never by hand."""

    list_display = ["slug", "status", "security", "owner", "is_public"]
    list_select_related = ["owner"]
    list_filter = ["status", "security", "is_public"]
    search_fields = ["slug"]
    readonly_fields = ["uuid", "slug", "current"]
    autocomplete_fields = ["owner", "team"]

    def has_add_permission(self, request: object) -> bool:
        return False


@admin.register(QuestionVersion)
class QuestionVersionAdmin(ReadOnlyAdmin):
    list_display = ["question", "number", "kind", "topic", "difficulty", "depth", "created_at"]
    list_select_related = ["question", "topic"]
    list_filter = ["kind", "difficulty", "depth", "topic__track"]
    search_fields = ["question__slug"]
