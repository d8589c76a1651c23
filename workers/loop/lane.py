"""The database's own thread: jobs run there in order, each as a whole transaction that is tried again while the database is away."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

AWAY = (
    OperationalError,
    InterfaceError,
)  # restart, lost connection, deadlock, serialisation, "database is locked"
SHORTEST_S, LONGEST_S = 0.05, 5.0
_SETTINGS = {
    "postgresql": ("SET idle_in_transaction_session_timeout = '20s'", "SET lock_timeout = '30s'"),
    "sqlite": ("PRAGMA mmap_size = 0", "PRAGMA cache_size = -8000"),
}


def _settle_in() -> None:
    """What a new connection of a claim loop is told before its first job.

    PostgreSQL: a worker that is put to sleep inside a transaction must not hold its locks for ever. SQLite: take back what pages
    gain by and a claim loop only holds, the file mapped into memory and a large page cache.
    """
    if connection.connection is not None:
        return
    with connection.cursor() as cursor:
        for statement in _SETTINGS.get(connection.vendor, ()):
            cursor.execute(statement)


class DatabaseLane:
    """One thread with its own connection. Jobs must be idempotent: after an unknown commit they run again."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"db-{name}")
        self._give_up = False
        self.retries = 0

    async def run(self, job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The job's result. Retries while the database is away; raises its error once `give_up` was called."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: self._persist(job, *args, **kwargs))

    def give_up(self) -> None:
        """From now on a failing job raises instead of trying again."""
        self._give_up = True

    def close(self) -> None:
        """Close the connection and end the thread, after the jobs that are queued."""
        self._executor.submit(connections.close_all)
        self._executor.shutdown(wait=True)

    def _persist(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        wait = SHORTEST_S
        while True:
            try:
                _settle_in()
                return job(*args, **kwargs)
            except AWAY as error:
                connections.close_all()
                if self._give_up:
                    raise
                self.retries += 1
                log.warning(
                    "database away (%s), trying %s again",
                    type(error).__name__,
                    getattr(job, "__name__", "job"),
                )
                time.sleep(random.uniform(SHORTEST_S, wait))  # noqa: S311  jitter, not a secret
                wait = min(LONGEST_S, wait * 2)
