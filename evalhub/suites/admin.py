from django.contrib import admin

from evalhub.admin import FastAdmin, ReadOnlyAdmin
from evalhub.suites.models import Item, Suite, SuiteVersion


@admin.register(Suite)
class SuiteAdmin(FastAdmin):
    list_display = ["slug", "title_zh", "title_en", "owner", "is_public"]
    list_select_related = ["owner"]
    list_filter = ["is_public"]
    search_fields = ["slug", "title_zh", "title_en"]
    autocomplete_fields = ["owner", "team"]


@admin.register(SuiteVersion)
class SuiteVersionAdmin(ReadOnlyAdmin):
    """Versions are composed and frozen by services, never by hand."""

    list_display = ["suite", "number", "item_count", "frozen_at", "created_at"]
    list_select_related = ["suite"]
    search_fields = ["suite__slug"]


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    list_display = ["key", "version", "position", "kind", "language", "track", "topic", "chance"]
    list_select_related = ["version__suite"]
    list_filter = ["kind", "language", "track"]
    search_fields = ["key"]
    ordering = ["-pk"]
