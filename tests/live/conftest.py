"""Real workers, a real Redis and a mock server beside the test's own database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections

from benchmarks import rig
from benchmarks.world import new_run
from evalhub.runs.models import Answer, Intent, Shard, ShardStatus

LEASE_S = 2.0


def database_url() -> str:
    """The test database as worker processes are told of it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgresql://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"


class World:
    """Everything a fault test needs, started when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.redis = rig.Redis(folder)
        self.redis.start()
        self.environment = rig.environment(
            folder, database_url=database_url(), redis_url=self.redis.url, lease_s=LEASE_S
        )
        self.mocks: list[rig.Mock] = []
        self._nursery: rig.Nursery | None = None

    @property
    def nursery(self) -> rig.Nursery:
        if self._nursery is None:
            self._nursery = rig.Nursery(self.environment, self.folder / "workers.log")
        return self._nursery

    def mock(self, **options) -> rig.Mock:
        self.mocks.append(rig.Mock(**options))
        return self.mocks[-1]

    def run_on(self, mock, items, **options):
        endpoint = {"base_url": mock.url, **options.pop("endpoint", {})}
        return new_run(items, endpoint=endpoint, **options)

    def until_answered(self, count, seconds=60):
        rig.wait_until(lambda: Answer.objects.count() >= count, seconds=seconds, what=f"{count} answers")

    def until_done(self, run, seconds=90):
        rig.wait_until(
            lambda: not Shard.objects.filter(run=run, status=ShardStatus.OPEN).exists(),
            seconds=seconds,
            what=f"all shards of run {run.pk}",
        )

    def until_asked(self, seconds=30):
        rig.wait_until(Intent.objects.exists, seconds=seconds, what="the first intent")

    def log(self) -> str:
        path = self.folder / "workers.log"
        return path.read_text() if path.exists() else ""

    def close(self) -> None:
        if self._nursery is not None:
            self._nursery.close()
        for mock in self.mocks:
            mock.stop()
        self.redis.kill()


@pytest.fixture
def world(transactional_db) -> Iterator[World]:
    with rig.folder() as folder:
        made = World(folder)
        try:
            yield made
        finally:
            made.close()
            print(made.log()[-6000:])  # pytest shows it where the test failed
            connections.close_all()
