"""The engine on the real path: service, Celery, claim loop, gateway, server, database, board.

    scripts/bench engine [--rows 1000] [--concurrency 64] [--latency-ms 200] [--endpoint URL] [--database URL] [--repeat 3] [--json]

Starts a Redis, two Celery workers and (without --endpoint) a mock server of its own, warms them with a small run, then measures.
The limit is rows / concurrency * latency: the time the server itself needs. CPU counts everything of ours, the submitting
process included, and nothing of the server's.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import rig
from benchmarks.databases import fresh_database
from benchmarks.processes import cpu_s, rss_mb

QUEUES = ("eval_api", "periodic")
WARM_ROWS = 150
PATIENCE_S = 900.0
POLL_S = 0.004


@dataclass(frozen=True)
class Measured:
    """Seconds unless named otherwise. `share_of_limit` is limit / request phase; None where the limit is 0."""

    rows: int
    concurrency: int
    latency_ms: float
    share_of_limit: float | None
    samples_per_s: float
    submit_to_board_s: float
    first_request_s: float
    request_phase_s: float
    tail_s: float
    cpu_s_per_1000: float
    worker_rss_mb: float
    requests: int
    duplicates: int


class Workers:
    """Celery as the product runs it: a worker for the pool, and one for periodic work with beat."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._log = (folder / "workers.log").open("ab")
        self.processes = {queue: self._start(queue, folder, environment) for queue in QUEUES}

    def cpu_s(self) -> float:
        return sum(cpu_s(process.pid) for process in self.processes.values())

    def rss_mb(self) -> float:
        return rss_mb(self.processes["eval_api"].pid, peak=True)

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()
        self._log.close()

    def _start(self, queue: str, folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "workers.celery",
            "worker",
            "-Q",
            queue,
            "-l",
            "WARNING",
        ]
        command += ["--without-mingle", "--without-gossip", "-n", f"{queue}@bench"]
        if queue == "periodic":
            command += ["-B", "-s", str(folder / "beat")]
        return subprocess.Popen(
            command, cwd=rig.PROJECT, env=dict(environment), stdout=self._log, stderr=self._log
        )


class Bench:
    """A warm system, and runs on it."""

    def __init__(self, given: argparse.Namespace, folder: Path, environment: Mapping[str, str]) -> None:
        from benchmarks.world import make_endpoint, make_version
        from evalhub.boards.models import Board

        self.given = given
        self.mock = None if given.endpoint else rig.Mock(latency_ms=given.latency_ms)
        self.workers = Workers(folder, environment)
        url = given.endpoint or self.mock.url
        self.endpoint = make_endpoint(
            "bench", base_url=url, max_in_flight=given.concurrency, model=given.model, deadline_s=120
        )
        self.version = make_version(given.rows)
        Board.objects.create(slug="bench", title_zh="bench", title_en="bench", suite=self.version.suite)
        self._number = 0
        self._warm(make_version(WARM_ROWS, slug="warm"))

    def close(self) -> None:
        self.workers.close()
        if self.mock is not None:
            self.mock.stop()

    def measure(self) -> Measured:
        if self.mock is not None:
            self.mock.reset()
        cpu = self.workers.cpu_s() + time.process_time()
        began = time.monotonic()
        run = self._submit(self.version)
        first = self._first_request(run) - began
        answered = self._last_answer(run) - began
        boarded = self._on_board(run) - began
        cpu = self.workers.cpu_s() + time.process_time() - cpu
        rows, phase = self.given.rows, answered - first
        limit = rows / self.given.concurrency * self.given.latency_ms / 1000
        return Measured(
            rows=rows,
            concurrency=self.given.concurrency,
            latency_ms=self.given.latency_ms,
            share_of_limit=round(limit / phase, 3) if limit else None,
            samples_per_s=round(rows / phase, 1),
            submit_to_board_s=round(boarded, 3),
            first_request_s=round(first, 3),
            request_phase_s=round(phase, 3),
            tail_s=round(boarded - answered, 3),
            cpu_s_per_1000=round(cpu / rows * 1000, 3),
            worker_rss_mb=round(self.workers.rss_mb(), 1),
            requests=self._requests(run),
            duplicates=self._duplicates(run),
        )

    def _warm(self, version: Any) -> None:
        run = self._submit(version)
        rig.wait_until(lambda: self._status(run) == "finished", seconds=PATIENCE_S, what="the warm-up run")

    def _submit(self, version: Any) -> Any:
        from evalhub.runs.services import start_run

        self._number += 1
        settings = {
            "max_tokens": 32,
            "seed": self._number,
        }  # so that a second run is not answered from any cache
        return start_run(endpoint=self.endpoint, suite_version=version, owner=None, settings=settings)

    def _first_request(self, run: Any) -> float:
        """When the server saw the first request; without a mock of ours, when its intent was committed."""
        from evalhub.runs.models import Intent

        while not (
            self.mock.books().get("requests") if self.mock else Intent.objects.filter(run=run).exists()
        ):
            time.sleep(POLL_S)
        return time.monotonic()

    def _last_answer(self, run: Any) -> float:
        from evalhub.runs.models import Run

        if self.mock is None:
            while Run.objects.get(pk=run.pk).settled < self.given.rows:
                time.sleep(POLL_S * 5)
            return time.monotonic()
        while (books := self.mock.books()).get("answered", 0) < self.given.rows or books["in_flight"]:
            missing = self.given.rows - books.get("answered", 0)
            time.sleep(max(POLL_S, min(0.5, missing / self.given.concurrency * self.given.latency_ms / 2000)))
        return time.monotonic()

    def _on_board(self, run: Any) -> float:
        from evalhub.boards.models import BoardRow

        rig.wait_until(
            lambda: BoardRow.objects.filter(run=run).exists(), seconds=PATIENCE_S, what="the board"
        )
        return time.monotonic()

    def _requests(self, run: Any) -> int:
        from django.db.models import Sum

        from evalhub.runs.models import Intent

        if self.mock is not None:
            return int(self.mock.books()["requests"])
        return int(Intent.objects.filter(run=run).aggregate(total=Sum("requests"))["total"])

    def _duplicates(self, run: Any) -> int:
        if self.mock is not None:
            return int(self.mock.books()["duplicates"])
        return self._requests(run) - self.given.rows

    def _status(self, run: Any) -> str:
        from evalhub.runs.models import Run

        return str(Run.objects.values_list("status", flat=True).get(pk=run.pk))


def median_of(results: list[Measured]) -> Measured:
    """The median of every figure; requests and duplicates at their worst."""
    plain: dict[str, Any] = {}
    for name, value in asdict(results[0]).items():
        values = [getattr(result, name) for result in results]
        worst = name in ("requests", "duplicates", "worker_rss_mb")
        plain[name] = value if value is None else max(values) if worst else statistics.median(values)
    return Measured(**plain)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench engine", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument(
        "--latency-ms",
        type=float,
        default=200.0,
        help="of the server: sets the limit, and our mock's latency",
    )
    parser.add_argument(
        "--endpoint", default="", help="an OpenAI-compatible address (.../v1) instead of a mock of our own"
    )
    parser.add_argument("--model", default="mock", help="the model's name at --endpoint")
    parser.add_argument(
        "--database", default="", help="postgresql://... of a server to make a database on; else SQLite"
    )
    parser.add_argument("--repeat", type=int, default=1, help="measure so often and print the median")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    given = parse(argv)
    with rig.folder() as folder, fresh_database(given.database, folder) as url:
        found = play(given, folder, url)
    if given.json:
        print(json.dumps(asdict(found)))
    else:
        print("\n".join(f"{name:20} {value}" for name, value in asdict(found).items()))
    return 0


def play(given: argparse.Namespace, folder: Path, url: str) -> Measured:
    redis = rig.Redis(folder)
    redis.start()
    environment = rig.environment(folder, database_url=url, redis_url=redis.url)
    os.environ.update(environment)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0, skip_checks=True)
    bench = Bench(given, folder, environment)
    try:
        return median_of([bench.measure() for _ in range(given.repeat)])
    finally:
        bench.close()
        redis.kill()
        connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
