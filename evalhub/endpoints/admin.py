from django.contrib import admin

from evalhub.admin import FastAdmin
from evalhub.endpoints.models import Endpoint, Lineage


@admin.register(Endpoint)
class EndpointAdmin(FastAdmin):
    list_display = [
        "name",
        "provider",
        "model",
        "owner",
        "is_public",
        "allow_private",
        "input_price",
        "output_price",
        "currency",
    ]
    list_select_related = ["owner"]
    list_filter = ["provider", "is_public", "allow_private", "is_base", "is_embedded"]
    search_fields = ["name", "model", "base_url"]
    autocomplete_fields = ["owner", "team", "lineage"]


@admin.register(Lineage)
class LineageAdmin(FastAdmin):
    list_display = ["name", "owner", "is_public"]
    list_select_related = ["owner"]
    search_fields = ["name"]
    autocomplete_fields = ["owner", "team"]
