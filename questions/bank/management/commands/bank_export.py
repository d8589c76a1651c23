import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evalhub.errors import Invalid
from questions.bank.exports import export_questions, exportable
from questions.exchange import FORMATS


class Command(BaseCommand):
    help = "Export the bank to a file, and say what the format could not carry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("out", type=Path)
        parser.add_argument("--format", required=True, choices=sorted(FORMATS), dest="format_name")
        parser.add_argument("--topic", action="append", default=[], help="only this topic (may be repeated)")
        parser.add_argument("--held-out", action="store_true", help="held-out questions as well")
        parser.add_argument("--json", action="store_true", help="print the loss report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = exportable(with_held_out=options["held_out"])
        if options["topic"]:
            rows = rows.filter(current__topic__in=options["topic"])
        try:
            data, loss = export_questions(rows, options["format_name"])
            options["out"].write_bytes(data)
        except (Invalid, OSError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(loss.as_dict(), ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"{loss.written} questions in {options['out']} ({len(data):,} bytes)")
        for thing, count in loss.lost.items():
            self.stdout.write(f"    lost in {count}: {thing}")
        for slug, reason in loss.left_out:
            self.stdout.write(f"    left out {slug}: {reason}")
