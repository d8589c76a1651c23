"""`manage.py gate LINEAGE --parent X`: may this checkpoint be released? For CI, by its exit code."""

import json
import sys
import traceback
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evalhub.boards.lineage import Rule, finished_runs, lines_of, only, seesaw, versions
from evalhub.boards.lineage_report import EXIT_CODES, gate_as_dict, gate_as_text
from evalhub.endpoints.models import Endpoint, Lineage
from evalhub.errors import EvalHubError
from evalhub.stats.arguments import BadArgument
from evalhub.suites.models import SuiteVersion

DEFAULT = Rule()
USAGE, BROKEN = 64, 70  # sysexits.h: neither may be read as a verdict


class Command(BaseCommand):
    help = (
        "Judge a checkpoint of LINEAGE against its parent, capability by capability. Exit code 0: PASS, 1: FAIL, "
        "2: INCONCLUSIVE, 64: what was asked for is not there, 70: the judgement itself failed."
    )
    is_judged = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("lineage", metavar="LINEAGE")
        parser.add_argument("--parent", required=True, help="name of the endpoint to be no worse than")
        parser.add_argument("--checkpoint", default="", help="name of an endpoint; else the last by step")
        parser.add_argument("--suite", default="", help="slug of a suite; else the one run last by both")
        parser.add_argument(
            "--margin", type=float, default=DEFAULT.margin, help="largest acceptable loss, 0.02 = 2 points"
        )
        parser.add_argument(
            "--alpha", type=float, default=DEFAULT.alpha, help="error over all looks together"
        )
        parser.add_argument("--looks", type=int, help="looks planned; without it the lineage is open-ended")
        parser.add_argument("--spending", choices=("even", "late"), default=DEFAULT.spending)
        parser.add_argument("--json", action="store_true", help="write the report as JSON")

    def run_from_argv(self, argv: list[str]) -> None:
        """As Django's, but a wrong option or a crash never leaves with the exit code of a verdict."""
        try:
            super().run_from_argv(argv)
        except SystemExit as stop:
            if stop.code and not self.is_judged:
                sys.exit(USAGE)
            raise
        except Exception:  # whatever it is, exit code 1 would say FAIL
            traceback.print_exc()
            sys.exit(BROKEN)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            board = seesaw(*_asked(options))
        except (EvalHubError, BadArgument) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        gate = board.gates[-1]
        if options["json"]:
            self.stdout.write(json.dumps(gate_as_dict(board, gate), ensure_ascii=False, indent=2))
        else:
            self.stdout.write(gate_as_text(board, gate))
        self.is_judged = True
        if code := EXIT_CODES[gate.verdict]:
            sys.exit(code)


def _asked(options: dict[str, Any]) -> tuple[Any, Rule]:
    lineage = Lineage.objects.filter(name=options["lineage"]).first()
    parent = options["parent"]
    if lineage is None:
        raise CommandError(
            f"No lineage is named {options['lineage']!r}; see /boards/lineages/.", returncode=USAGE
        )
    if not Endpoint.objects.filter(name=parent).exists():
        raise CommandError(f"No endpoint is named {parent!r}; see /endpoints/.", returncode=USAGE)
    found = finished_runs(lineage, parent)
    version = _version(versions(lineage, parent, found), options["suite"])
    rule = Rule(options["margin"], options["alpha"], options["looks"], options["spending"])
    return only(lines_of(lineage, parent, version, found), options["checkpoint"]), rule


def _version(found: list[SuiteVersion], suite: str) -> SuiteVersion:
    fitting = [version for version in found if not suite or version.suite.slug == suite]
    if not fitting:
        where = f"suite {suite!r}" if suite else "any suite"
        raise CommandError(
            f"The parent and a checkpoint have no finished run on one version of {where}; run both first.",
            returncode=USAGE,
        )
    return fitting[0]
