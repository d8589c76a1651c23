"""A claim loop that lives as long as its process: in a thread of a Celery worker, or of `manage.py work`.

Nudges only wake it; without them it polls the database. So a Redis that is down, wiped or half-open delays a start by
seconds and stops nothing (I5).
"""

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable

from workers.loop import ClaimLoop

log = logging.getLogger(__name__)
RESTART_S = 5.0

_residents: dict[str, "Resident"] = {}


class Resident:
    """The claim loop of one pool in this process; begun again should it ever fail."""

    def __init__(self, pool: str, make_loop: Callable[[], ClaimLoop]) -> None:
        self.pool, self._make_loop = pool, make_loop
        self._loop: ClaimLoop | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"claims-{pool}")

    def start(self) -> None:
        _residents[self.pool] = self
        self._thread.start()

    def wake(self) -> None:
        if self._loop is not None:
            self._loop.wake()

    def stop(self) -> None:
        """Begin to drain; `join` waits for its end."""
        self._stopping.set()
        if self._loop is not None:
            self._loop.stop()

    def join(self, timeout: float | None = None) -> None:
        self._thread.join(timeout)
        if _residents.get(self.pool) is self:
            del _residents[self.pool]

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _live(self) -> None:
        while not self._stopping.is_set():
            self._loop = self._make_loop()
            if self._stopping.is_set():  # told to stop while we were making it
                return
            try:
                asyncio.run(self._loop.run())
            except Exception:
                log.exception("the claim loop of %s failed; it begins again", self.pool)
                time.sleep(random.uniform(0.5, RESTART_S))  # noqa: S311  jitter, not a secret


def resident(pool: str) -> Resident | None:
    """This process's claim loop of the pool, if it has one."""
    return _residents.get(pool)
