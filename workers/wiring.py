"""What a claim loop of ours is made of: the real gateway over the shared limiter, and the way to finish a run."""

import logging
import threading

import redis.asyncio
from django.conf import settings
from django.db import connections

from workers import finishing, queue
from workers.gateway.base import AskGateway, Budget, Ledger, Limiter
from workers.gateway.gateway import Gateway
from workers.gateway.limiter.shared import LEASE_S, RedisLimiter
from workers.loop import Pace
from workers.loop.loop import Wiring

log = logging.getLogger(__name__)
CONNECT_S = 1.0
FINISHER = "finish-"  # not a daemon: a process that ends waits for it


def wiring() -> Wiring:
    """For workers: limits shared through Redis, complete runs handed to the finisher."""
    return Wiring(_limiter, _gateway, hand_over)


def redis_address(url: str) -> str:
    """redis-py's spelling of a Redis address that may be in kombu's (redis+socket:///path?virtual_host=0)."""
    if not url.startswith("redis+socket://"):
        return url
    path, _, query = url.removeprefix("redis+socket://").partition("?")
    return f"unix://{path}?{query.replace('virtual_host=', 'db=')}" if query else f"unix://{path}"


def hand_over(run_id: int) -> None:
    """Have a complete run finished: by the periodic workers, or here where no message gets through (I5)."""
    threading.Thread(target=_hand_over, args=(run_id,), name=f"{FINISHER}{run_id}").start()


def _hand_over(run_id: int) -> None:
    try:
        if not queue.ask_to_finish(run_id):
            finishing.finish(run_id)
    except Exception:  # the tick finds it and tries again
        log.exception("run %d could not be finished here", run_id)
    finally:
        connections.close_all()


def _limiter(worker: str) -> Limiter:
    client = redis.asyncio.from_url(
        redis_address(settings.REDIS_URL), socket_connect_timeout=CONNECT_S, socket_timeout=CONNECT_S
    )
    lease_s = min(
        LEASE_S, Pace.from_environment().lease_s
    )  # a dead worker's places come back as its shards do
    return RedisLimiter(client, worker=worker, lease_s=lease_s)


def _gateway(limiter: Limiter, ledger: Ledger, budget: Budget) -> AskGateway:
    return Gateway(limiter=limiter, ledger=ledger, budget=budget)
