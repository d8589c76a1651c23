"""The Celery app. Messages are nudges; see docs/design for why each setting stands."""

import os
from importlib import import_module
from typing import Any

from celery import Celery, bootsteps
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evalhub.settings")


CLAIMED_POOLS = ("eval_api", "eval_gpu")


def broker_url(redis_url: str) -> str:
    """kombu's spelling of a Redis address; a unix socket takes its database by virtual_host."""
    return (
        f"{redis_url}?virtual_host=0"
        if redis_url.startswith("redis+socket://") and "?" not in redis_url
        else redis_url
    )


app = Celery("evalhub")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_keepalive": True,
        "health_check_interval": 25,
    },
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=False,
    task_soft_time_limit=660,
    task_time_limit=720,
    task_default_queue="periodic",
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=True,
    worker_soft_shutdown_timeout=75,
    worker_hijack_root_logger=False,
    worker_pool="threads",  # a claim loop is one event loop in one thread: processes would only cost memory
    worker_concurrency=2,
    broker_connection_max_retries=None,  # Redis may be away for hours; claim loops go on without it
    timezone="UTC",
    beat_schedule={
        "tick": {
            "task": "workers.tasks.tick",
            "schedule": 5.0,
            "options": {"queue": "periodic", "expires": 5},
        },
    },
)
app.autodiscover_tasks(["workers"])


class ClaimLoops(bootsteps.StartStopStep):  # type: ignore[misc]  # celery is not typed
    """A claim loop beside the task threads, one for each pool whose queue this worker serves.

    Begun before the consumer, which waits for Redis: a worker starts to work although Redis is down.
    """

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self.residents: list[Any] = []

    def start(self, worker: Any) -> None:
        hosting = import_module("workers.hosting")  # needs Django's apps, which are loaded by now
        served = worker.app.amqp.queues.consume_from
        self.residents = [hosting.host(pool) for pool in CLAIMED_POOLS if pool in served]

    def stop(self, worker: Any) -> None:
        """SIGTERM: all loops drain at once, and the worker waits for them."""
        for resident in self.residents:
            resident.stop()
        for resident in self.residents:
            resident.join()


app.steps["worker"].add(ClaimLoops)
