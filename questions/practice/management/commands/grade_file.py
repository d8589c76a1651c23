import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from questions.practice.offline_grading import BadRow, Graded, grade_row, read_row


class Command(BaseCommand):
    help = "Grade free-text answers of a JSONL file by the offline ladder: key points, else likeness to the reference."
    requires_system_checks: list[str] = []  # noqa: RUF012  the base class's own form

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source",
            metavar="IN.jsonl",
            help="rows id, question, reference, answer, language, max_score; rubric, anchors",
        )
        parser.add_argument(
            "target", metavar="OUT.jsonl", help="rows id, score, rung, evidence, provisional, max_score"
        )
        parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        source, target = Path(options["source"]), Path(options["target"])
        if not source.is_file():
            raise CommandError(f"There is no file {source}. Give the path of a JSONL file.")
        if target.resolve() == source.resolve():
            raise CommandError(f"{target} is the input too; name another file for the grades.")
        rungs: Counter[str] = Counter()
        provisional = 0
        with target.open("w", encoding="utf-8") as out:
            for graded in _graded(source):
                rungs[graded.rung] += 1
                provisional += graded.provisional
                out.write(json.dumps(graded.as_dict(), ensure_ascii=False) + "\n")
        self._report(
            {"rows": rungs.total(), "provisional": provisional, "rungs": dict(rungs)}, options["json"]
        )

    def _report(self, summary: dict[str, Any], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(summary))
            return
        listed = ", ".join(f"{rung} {count}" for rung, count in summary["rungs"].items())
        self.stdout.write(
            f"{summary['rows']} answers graded, {summary['provisional']} of them provisional: {listed or 'none'}"
        )


def _graded(source: Path) -> Iterator[Graded]:
    """A grade for each line. A line that cannot be read stops the command: a silent gap would shift every statistic."""
    with source.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                if not isinstance(data, dict):
                    raise BadRow(f"is {type(data).__name__}, not an object")
                yield grade_row(read_row(data))
            except (json.JSONDecodeError, BadRow) as error:
                raise CommandError(f"{source}, line {number}: {error}") from error
