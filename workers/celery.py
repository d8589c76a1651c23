"""The Celery app. Messages are nudges; see docs/design for why each setting stands."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evalhub.settings")


def broker_url(redis_url: str) -> str:
    """kombu's spelling of a Redis address; a unix socket takes its database by virtual_host."""
    return f"{redis_url}?virtual_host=0" if redis_url.startswith("redis+socket://") and "?" not in redis_url else redis_url


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
    timezone="UTC",
    beat_schedule={
        "tick": {"task": "workers.tasks.tick", "schedule": 5.0, "options": {"queue": "periodic", "expires": 5}},
    },
)
app.autodiscover_tasks(["workers"])
