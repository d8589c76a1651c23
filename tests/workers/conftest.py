import asyncio

import pytest

from benchmarks.world import new_run
from workers.gateway.gateway import Gateway
from workers.gateway.limiter.local import LocalLimiter
from workers.gateway.retry import RetryPolicy
from workers.loop import ClaimLoop, Pace
from workers.loop.loop import Wiring

QUICK = RetryPolicy(shortest_s=0.01, longest_s=0.02, patience_s=0.5)


@pytest.fixture
def start(db):
    return new_run


@pytest.fixture
def make_loop():
    """make_loop(**pace) -> ClaimLoop over the real gateway with a local limiter and quick retries."""

    def make_loop(pool="eval_api", wrap=None, complete=None, **pace):
        def gateway(limiter, ledger, budget):
            made = Gateway(limiter=limiter, ledger=ledger, budget=budget, policy=QUICK)
            return wrap(made) if wrap else made

        tell = (lambda run_id: None) if complete is None else complete.append
        wiring = Wiring(lambda worker: LocalLimiter(patience_s=QUICK.patience_s), gateway, tell)
        return ClaimLoop(pool, wiring, Pace(**{"control_s": 0.05, "poll_s": 0.2, "group_s": 0.1, **pace}))

    return make_loop


@pytest.fixture
def work(make_loop):
    """work() -> run one claim loop until nothing is left to claim."""

    def work(**options):
        loop = make_loop(**options)
        asyncio.run(asyncio.wait_for(loop.run(until_idle=True), 30))
        return loop

    return work
