import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from questions.bank.counts import FACETS, Counts, database_counts, shipped_counts


class Command(BaseCommand):
    help = "Count the bank's questions by track, topic, kind, depth, language and more."
    requires_system_checks: list[str] = []  # noqa: RUF012  the base class's own form

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--files", action="store_true", help="count the shipped files, not the database")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = shipped_counts() if options["files"] else _of_database()
        if options["json"]:
            head = {"source": counts.source, "total": counts.total, "families": counts.families}
            self.stdout.write(json.dumps({**head, **counts.by}, ensure_ascii=False, indent=1))
            return
        self.stdout.write(
            f"{counts.total} questions of the {counts.source}, {counts.families} of them parametric"
        )
        for facet in FACETS:
            listed = "  ".join(f"{name} {count}" for name, count in counts.by[facet].items())
            self.stdout.write(f"{facet}: {listed}")


def _of_database() -> Counts:
    """The database's, or the files' where the database is not there or holds no question yet (`source` says so)."""
    try:
        counts = database_counts()
    except DatabaseError:  # not migrated yet
        return shipped_counts()
    return counts if counts.total else shipped_counts()
