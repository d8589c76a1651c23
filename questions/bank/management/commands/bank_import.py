import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evalhub.accounts.models import User
from evalhub.errors import Invalid
from questions.bank.import_report import Defaults, ImportReport
from questions.bank.imports import import_questions
from questions.exchange import FORMATS

IMPORTER = "importer"


class Command(BaseCommand):
    help = "Import questions from a file as drafts: a report for every row, and all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", required=True, choices=sorted(FORMATS), dest="format_name")
        parser.add_argument("--dry-run", action="store_true", help="examine every row and write nothing")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
        parser.add_argument(
            "--owner", help="username the drafts belong to (default: the first administrator)"
        )
        parser.add_argument("--topic", default="", help="topic code of rows that name none")
        parser.add_argument("--licence", default="", help="SPDX licence of rows that name none")
        parser.add_argument("--author", default="", help="author of rows that name none")

    def handle(self, *args: Any, **options: Any) -> None:
        defaults = Defaults(options["topic"], options["licence"], options["author"])
        try:
            data = options["file"].read_bytes()
            report = import_questions(
                data=data,
                format_name=options["format_name"],
                owner=_owner(options["owner"]),
                defaults=defaults,
                is_dry_run=options["dry_run"],
            )
        except (Invalid, OSError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
        else:
            self._tell(report, is_dry_run=options["dry_run"])
        if refused := report.count("refused"):
            raise CommandError(f"{refused} of {len(report.rows)} rows are refused; nothing was written")

    def _tell(self, report: ImportReport, *, is_dry_run: bool) -> None:
        for row in report.rows:
            self.stdout.write(f"{row.place}: {row.outcome} {row.slug} {row.problem}".rstrip())
            for note in row.notes:
                self.stdout.write(f"    {note}")
            for slug, alike in row.similar:
                self.stdout.write(f"    {alike:.2f} alike to {slug}")
        done = "written" if report.is_written else "examined, nothing written"
        counts = ", ".join(f"{report.count(name)} {name}" for name in ("added", "duplicate", "refused"))
        self.stdout.write(f"{len(report.rows)} rows {done}{' (dry run)' if is_dry_run else ''}: {counts}")


def _owner(username: str | None) -> User:
    """The person named, else the first administrator, else an account nobody can log in to."""
    if username:
        found = User.objects.filter(username=username).first()
        if found is None:
            raise CommandError(f"No user is called {username!r}; name one who exists with --owner.")
        return found
    first = User.objects.filter(is_superuser=True).order_by("pk").first()
    if first is not None:
        return first
    importer, _ = User.objects.get_or_create(
        username=IMPORTER, defaults={"is_active": False, "password": "!"}
    )  # noqa: S106
    return importer
