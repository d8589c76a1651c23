"""DOOR 1: names the work and nudges the workers after commit. The only way web code starts anything.

A nudge carries no payload: the database row is the truth. A nudge that is lost, or that finds Redis down, costs one
poll of an idle worker (2 s), so publishing never fails a request.
"""

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

POOLS = ("eval_api", "eval_gpu", "practice", "sandbox")
PERIODIC = "periodic"
_PUBLISH_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}


def nudge(pool: str) -> None:
    """After this transaction commits, tell the workers of `pool` that there may be work."""
    if pool not in POOLS:
        raise ValueError(f"Unknown pool {pool!r}; choose one of {', '.join(POOLS)}.")
    transaction.on_commit(lambda: _send("workers.tasks.work", [pool], pool))


def nudge_finish(run_id: int) -> None:
    """After commit, ask for a finished run's intervals and boards to be computed."""
    transaction.on_commit(lambda: ask_to_finish(run_id))


def ask_to_finish(run_id: int) -> bool:
    """Ask for it now; False where no message gets out, so that the caller can see to it itself."""
    return _send("workers.tasks.finish", [run_id], PERIODIC)


def _send(task: str, args: list[object], queue: str) -> bool:
    try:
        current_app.send_task(
            task, args=args, queue=queue, retry=True, retry_policy=_PUBLISH_RETRY, ignore_result=True
        )
    except Exception as error:  # noqa: BLE001  the broker is outside, and whatever it raises the rows are the truth
        log.warning("nudge %s was not sent (%s); workers will find the work", task, type(error).__name__)
        return False
    return True
