import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from questions.bank.shipped import CONTENT
from questions.content_rules.check import Fault, Report, check_bank
from questions.content_rules.families import family_faults
from questions.content_rules.loading import ContentError, bodies, read_folder
from questions.families import FAMILIES


class Command(BaseCommand):
    help = "Check the bank's files and families against docs/design/content-format.md; exit code 1 and every fault listed."
    requires_system_checks: list[str] = []  # noqa: RUF012  the base class's own form

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--content", type=Path, default=CONTENT, help="folder of YAML files to check")
        parser.add_argument("--json", action="store_true", help="print the whole report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = read_folder(options["content"])
        except (ContentError, OSError) as error:
            raise CommandError(f"{error}. Mend the file, or name a folder with --content.") from error
        report = check_bank(content)
        taken = {str(body.get("id")) for document in content.documents.values() for body in bodies(document)}
        families = ((name, FAMILIES[name]) for name in FAMILIES)
        faults = [*report.faults, *family_faults(families, content.taxonomy, taken)]
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, faults), ensure_ascii=False, indent=1))
        else:
            self._tell(report, faults)
        if faults:
            raise CommandError(f"bank_check: {len(faults)} faults in {report.total} questions", returncode=1)

    def _tell(self, report: Report, faults: list[Fault]) -> None:
        for fault in faults:
            self.stdout.write(str(fault))
        longest = ", ".join(
            f"{name} {share:.1%}" for name, share in report.longest.items() if share is not None
        )
        apart = report.anchors.mean_distance
        self.stdout.write(
            f"bank: {report.total} questions and {len(FAMILIES)} families, {len(faults)} faults\n"
            f"right choice by letter: {dict(report.positions)}; the longest in: {longest or 'no questions'}\n"
            f"anchor answers: {report.anchors.agreeing} of {report.anchors.criteria} criteria as their authors "
            f"marked them, mean distance of scores {'none' if apart is None else format(apart, '.3f')}"
        )


def _as_json(report: Report, faults: list[Fault]) -> dict[str, Any]:
    listed = [{"file": f.file, "question": f.question, "path": f.path, "message": f.message} for f in faults]
    return {**report.as_dict(), "families": len(FAMILIES), "faults": listed, "is_clean": not faults}
