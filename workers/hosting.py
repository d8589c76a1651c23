"""Claim loops for processes that live on: what a Celery worker starts beside its task threads."""

from workers.loop import ClaimLoop
from workers.resident import Resident
from workers.wiring import wiring


def host(pool: str) -> Resident:
    """Start the pool's claim loop in a thread of its own."""
    resident = Resident(pool, lambda: ClaimLoop(pool, wiring()))
    resident.start()
    return resident
