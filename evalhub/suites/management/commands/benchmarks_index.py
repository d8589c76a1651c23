from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from evalhub.suites import benchmark_index
from workers.benchmarks import process
from workers.benchmarks.errors import BenchmarkError


class Command(BaseCommand):
    help = "Index the benchmarks of the installed lm-eval (about 20 s). --shipped writes the one that comes with EvalHub."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shipped", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["shipped"]:
                benchmark_index.write(benchmark_index.SHIPPED, process.ask("index", {}))
            made = benchmark_index.index() if options["shipped"] else benchmark_index.build()
        except BenchmarkError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"lm-eval {made.version}: {len(made.rows)} tasks, groups and tags")
