"""Thin tasks: ids in, services called; every one may run twice."""

import asyncio

from celery import shared_task

from evalhub.runs import sweep
from workers import finishing, queue
from workers.claim import pools_with_work
from workers.loop import ClaimLoop
from workers.resident import resident
from workers.wiring import wiring

AT_MOST_S = 600.0


@shared_task
def work(pool: str) -> None:
    """Wake this worker's claim loop; in a process that has none, be one until nothing is left to claim."""
    living = resident(pool)
    if living is not None:
        living.wake()
        return
    asyncio.run(ClaimLoop(pool, wiring()).run(until_idle=True, at_most_s=AT_MOST_S))
    if pools_with_work([pool]):
        queue.nudge(pool)


@shared_task
def tick() -> None:
    """Every 5 s: nudge each pool with claimable shards, finish what nobody finished."""
    for pool in pools_with_work(queue.POOLS):
        queue.nudge(pool)
    for run_id in sweep.complete_runs():
        finishing.finish(run_id)
    sweep.forget_old_workers()


@shared_task
def finish(run_id: int) -> None:
    """Compute a complete run's intervals, seal it and refresh its boards."""
    finishing.finish(run_id)
