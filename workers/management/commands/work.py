"""`manage.py work --pool eval_api`: the claim loop without Celery and without Redis. For tests, and where there is neither."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from workers import queue
from workers.loop import ClaimLoop
from workers.wiring import wiring


class Command(BaseCommand):
    help = "Claim and work on shards of a pool until told to stop (SIGTERM or Ctrl-C: finish calls, give leases back)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pool", choices=queue.POOLS, default="eval_api")
        parser.add_argument("--until-idle", action="store_true", help="end when nothing is left to claim")

    def handle(self, *args: Any, **options: Any) -> None:
        loop = ClaimLoop(options["pool"], wiring())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stop())
        self.stderr.write(f"{loop.name} is at work")
        asyncio.run(loop.run(until_idle=options["until_idle"]))
