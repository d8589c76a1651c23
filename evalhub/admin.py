"""What our admins share. An estimate replaces the count of a large table; foreign keys are looked up, never listed."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin

LARGE = 100_000


class EstimatingPaginator(Paginator):  # type: ignore[type-arg]  # subscriptable in the stubs only
    """Counts exactly up to LARGE rows; beyond that PostgreSQL's estimate will do, and SQLite's count is cut there."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        head = rows.order_by().values("pk")[: LARGE + 1].count()
        return max(head, _estimate(rows.model._meta.db_table)) if head > LARGE else head


def _estimate(table: str) -> int:
    """How many rows PostgreSQL believes the table has; 0 elsewhere."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


class FastAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A list that stays fast however long the table is."""

    paginator = EstimatingPaginator
    show_full_result_count = False
    list_per_page = 50


class ReadOnlyAdmin(FastAdmin):
    """What workers write is looked at here and never changed by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
