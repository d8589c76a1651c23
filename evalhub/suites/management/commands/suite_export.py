from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evalhub.errors import EvalHubError
from evalhub.suites.lm_eval_export import export_version
from evalhub.suites.models import SuiteVersion


class Command(BaseCommand):
    help = "Write a suite's newest version as an lm-eval task (YAML and JSONL) that lm_eval runs unchanged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("suite", help="the suite's name in addresses")
        parser.add_argument("folder", type=Path, help="where to write; paths in the files are absolute")
        parser.add_argument("--number", type=int, help="another version than the newest")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = SuiteVersion.objects.filter(suite__slug=options["suite"])
        if options["number"]:
            versions = versions.filter(number=options["number"])
        version = versions.order_by("-number").first()
        if version is None:
            raise CommandError(
                f"There is no version of a suite {options['suite']!r} here; compose it first, or correct the name."
            )
        try:
            exported = export_version(version, options["folder"])
        except EvalHubError as error:
            raise CommandError(str(error)) from None
        for name, count in exported.items.items():
            self.stdout.write(f"{name}: {count} items")
        self.stdout.write(
            f"lm_eval --model MODEL --include_path {options['folder'].resolve()} --tasks {exported.name}"
        )
