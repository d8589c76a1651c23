from django.contrib import admin

from evalhub.admin import FastAdmin, ReadOnlyAdmin
from evalhub.boards.models import Board, BoardRow


@admin.register(Board)
class BoardAdmin(FastAdmin):
    list_display = ["slug", "title_zh", "title_en", "suite", "is_public", "refreshed_at"]
    list_select_related = ["suite"]
    list_filter = ["is_public"]
    search_fields = ["slug", "title_zh", "title_en"]
    autocomplete_fields = ["owner", "team", "suite"]
    readonly_fields = ["suite_version", "refreshed_at"]


@admin.register(BoardRow)
class BoardRowAdmin(ReadOnlyAdmin):
    list_display = ["board", "endpoint", "rank_low", "rank_high", "score", "low", "high", "n", "method"]
    list_select_related = ["board", "endpoint"]
    search_fields = ["board__slug", "endpoint__name"]
    ordering = ["-pk"]
