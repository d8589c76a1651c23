"""Seeded chaos: real workers, Redis and database broken again and again while runs go on; then the books are held against the mock's.

    scripts/chaos --faults 150 --seed 1 [--database postgresql://...] [--json]

Exit code 0 only if nothing was lost, nothing counted twice, no budget overrun and every invariant holds.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import rig
from benchmarks.databases import fresh_database

LEASE_S = 1.0
WORKERS = 2
ITEMS = 400
IN_FLIGHT = 12
PRICES = {"input_price": 2.0, "output_price": 8.0}
BUDGET = 30.0  # of a run, in money; enough, since a tight one would end the work before the faults
STORMS = ("500:0.4", "429=0.2:0.5", "reset:0.4", "cut:0.4", "503:0.5,malformed:0.1", "hang:0.1")
END_S = 300.0


class Chaos:
    """The world under test, and one method a fault."""

    def __init__(self, folder: Path, environment: dict[str, str], redis: rig.Redis, seed: int) -> None:
        from benchmarks.world import make_endpoint, make_version

        self.random = random.Random(seed)
        self.redis, self.seed = redis, seed
        self.mock = rig.Mock(latency_ms=15, jitter=0.8)
        self.nursery = rig.Nursery(environment, folder / "workers.log")
        self.version = make_version(ITEMS)
        endpoint = {"base_url": self.mock.url, "max_in_flight": IN_FLIGHT, "deadline_s": 5, **PRICES}
        self.endpoint = make_endpoint("chaos", **endpoint)
        self.counts: Counter[str] = Counter()
        for _ in range(WORKERS):
            self.nursery.fork()

    def close(self) -> None:
        self.nursery.close()
        self.mock.stop()

    def faults(self) -> dict[str, Callable[[], None]]:
        return {
            "sigkill": self.sigkill,
            "sigterm": self.sigterm,
            "freeze": self.freeze,
            "redis_wiped": self.redis_wiped,
            "redis_down": self.redis_down,
            "database_cut": self.database_cut,
            "lease_stolen": self.lease_stolen,
            "server_storm": self.server_storm,
            "pause_resume": self.pause_resume,
            "cancel": self.cancel,
        }

    def run(self, faults: int) -> None:
        """Break one thing after the other, with work always under way."""
        weights = {"sigkill": 6, "lease_stolen": 3, "database_cut": 3, "cancel": 0.3, "freeze": 0.7}
        names = list(self.faults())
        for _ in range(faults):
            self.keep_busy()
            name = self.random.choices(names, [weights.get(name, 1) for name in names])[0]
            self.counts[name] += 1
            self.faults()[name]()
            time.sleep(self.random.uniform(0.05, 0.4))

    def keep_busy(self) -> None:
        from benchmarks.world import new_run
        from evalhub.runs.models import Run, RunStatus

        open_runs = Run.objects.filter(status__in=RunStatus.open())
        left = sum(run.expected - run.settled for run in open_runs)
        if left < ITEMS / 2:
            number = Run.objects.count()
            settings = {
                "max_tokens": 16,
                "seed": self.seed * 1000 + number,
            }  # so that no two runs send the same bytes
            new_run(version=self.version, endpoint=self.endpoint, budget=BUDGET, settings=settings)

    def one_worker(self) -> int:
        return self.random.choice(self.nursery.alive)

    def sigkill(self) -> None:
        self.nursery.kill(self.one_worker())
        self.nursery.fork()

    def sigterm(self) -> None:
        self.nursery.terminate(self.one_worker())
        self.nursery.fork()

    def freeze(self) -> None:
        """Asleep for longer than a lease, then awake again with answers in hand."""
        pid = self.one_worker()
        self.nursery.freeze(pid)
        time.sleep(LEASE_S * self.random.uniform(0.8, 1.6))
        self.nursery.thaw(pid)

    def redis_wiped(self) -> None:
        self.redis.kill()
        self.redis.start()

    def redis_down(self) -> None:
        self.redis.kill()
        time.sleep(self.random.uniform(0.2, 1.0))
        self.redis.start()

    def database_cut(self) -> None:
        cut_connections(self.random.uniform(0.1, 0.6))

    def lease_stolen(self) -> None:
        """A lease ends in the database while its holder works on: two workers at once, one fence."""
        from evalhub.runs.models import Shard, ShardStatus

        held = Shard.objects.filter(status=ShardStatus.OPEN).exclude(lease_until=None)
        held.update(lease_until="2020-01-01T00:00:00Z")

    def server_storm(self) -> None:
        self.mock.misbehave(self.random.choice(STORMS))
        time.sleep(self.random.uniform(0.1, 0.4))
        self.mock.misbehave("")

    def pause_resume(self) -> None:
        from evalhub.errors import EvalHubError
        from evalhub.runs.models import Run, RunStatus
        from evalhub.runs.services import pause_run, resume_run

        for run in Run.objects.filter(status__in=[RunStatus.QUEUED, RunStatus.RUNNING]):
            try:
                pause_run(run=run)
                time.sleep(self.random.uniform(0.0, 0.5))
                resume_run(run=run)
            except EvalHubError:
                continue  # it finished meanwhile

    def cancel(self) -> None:
        from evalhub.errors import EvalHubError
        from evalhub.runs.models import Run, RunStatus
        from evalhub.runs.services import cancel_run

        run = Run.objects.filter(status__in=RunStatus.open()).order_by("-pk").first()
        if run is not None:
            try:
                cancel_run(run=run)
            except EvalHubError:
                return

    def come_to_rest(self) -> None:
        """No more faults: every run goes to its end."""
        from evalhub.runs.models import Run, RunStatus, Shard, ShardStatus
        from evalhub.runs.services import resume_run

        def is_over() -> bool:
            for run in Run.objects.filter(status=RunStatus.PAUSED):
                resume_run(run=run)
            return not Shard.objects.filter(status=ShardStatus.OPEN).exists()

        rig.wait_until(is_over, seconds=END_S, what="the end of all runs")
        for pid in list(self.nursery.alive):
            self.nursery.terminate(pid)


def cut_connections(seconds: float) -> None:
    """PostgreSQL: end every other connection. SQLite: hold the write lock for `seconds`."""
    import sqlite3

    from django.db import connection

    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], timeout=30, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")
        other.close()
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def audit(chaos: Chaos) -> dict[str, Any]:
    """What the database holds against what the mock server counted."""
    from django.db.models import Count, F, Sum

    from evalhub.runs.models import Answer, Intent, Run, RunStatus
    from evalhub.runs.pricing import Prices

    books = chaos.mock.books()
    runs = list(Run.objects.all())
    kept = Answer.objects.exclude(outcome__in=["failed", "quarantined"]).count()
    rows = {run.pk: Answer.objects.filter(run=run).count() for run in runs}
    finished = [run for run in runs if run.status != RunStatus.CANCELLED]
    counted = {run.pk: run.done + run.failed + run.quarantined for run in runs}
    billed = Prices(*PRICES.values()).nano(books.get("tokens_in", 0), books.get("tokens_out", 0))
    accounted = sum(run.spent_nano + run.reserved_nano for run in runs)
    unsettled = dict(
        Intent.objects.filter(is_settled=False).values_list("run").annotate(total=Sum("reserved_nano"))
    )
    in_doubt = Intent.objects.filter(is_settled=False).count()
    dropped = sum(run.expected - rows[run.pk] for run in runs if run.status == RunStatus.CANCELLED)
    settled_without = max(
        0, Intent.objects.filter(is_settled=True, requests__gt=0).count() - sum(rows.values())
    )
    extra = books["answered"] - kept
    texts = Answer.objects.exclude(outcome__in=["failed", "quarantined"]).values("item")
    split = texts.annotate(kinds=Count("text", distinct=True)).filter(kinds__gt=1).count()
    lost = sum(run.expected - rows[run.pk] for run in finished)
    return {
        "runs": len(runs),
        "answers": sum(rows.values()),
        "requests": books["requests"],
        "lost": lost,
        "duplicated": sum(abs(counted[run.pk] - rows[run.pk]) for run in runs),
        "extra_requests": extra,
        "in_doubt": in_doubt,
        "budget_overrun": max([0, billed - sum(run.budget_nano or 0 for run in runs)]) / 1e9,
        "quarantined": sum(run.quarantined for run in runs),
        "failed": sum(run.failed for run in runs),
        "cancelled": dropped,
        "invariants": {
            "I1_every_item_once": lost == 0 and all(run.settled == run.expected for run in runs),
            "I2_no_stale_writer": all(counted[run.pk] == rows[run.pk] for run in runs),
            "I3_every_request_on_record": billed <= accounted and extra <= in_doubt + settled_without,
            "I4_budget_holds": all(
                (run.budget_nano or 0) >= run.spent_nano + run.reserved_nano for run in runs
            )
            and all(run.reserved_nano == unsettled.get(run.pk, 0) for run in runs),
            "I7_same_answers": split == 0,
        },
        "reserved_for_doubts": Run.objects.aggregate(total=Sum(F("reserved_nano")))["total"] / 1e9,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Break everything, seeded, and count what was lost.")
    parser.add_argument("--faults", type=int, default=150)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument(
        "--database", default="", help="postgresql://... of a server to make a database on; else SQLite"
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object only")
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr, flush=True)
    with rig.folder() as folder, fresh_database(given.database, folder) as url:
        result = play(given, folder, url)
    print(json.dumps(result) if given.json else table(result))
    is_clean = not result["lost"] and not result["duplicated"] and not result["budget_overrun"]
    return 0 if is_clean and all(result["invariants"].values()) else 1


def play(given: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    redis = rig.Redis(folder)
    redis.start()
    environment = rig.environment(folder, database_url=url, redis_url=redis.url, lease_s=LEASE_S)
    os.environ.update(environment)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0, skip_checks=True)
    began = time.monotonic()
    chaos = Chaos(folder, environment, redis, given.seed)
    try:
        chaos.run(given.faults)
        chaos.come_to_rest()
        found = audit(chaos)
    finally:
        chaos.close()
        redis.kill()
        connections.close_all()
    seconds = round(time.monotonic() - began, 1)
    return {
        "faults": given.faults,
        "seed": given.seed,
        "seconds": seconds,
        **found,
        "by_kind": dict(chaos.counts),
    }


def table(result: dict[str, Any]) -> str:
    lines = [f"{name:24} {value}" for name, value in result.items() if not isinstance(value, dict)]
    for group in ("invariants", "by_kind"):
        lines += [f"{group}.{name:40} {value}" for name, value in result[group].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
