"""Any order of asking, giving back, cancelling and being limited: no permit is lost, none is given twice."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.gateway.base import Permit, Signal
from workers.gateway.limiter.gates import LocalGate
from workers.gateway.limiter.lane import Lane
from workers.providers.base import Limits

STEP = st.one_of(
    st.tuples(st.just("ask"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["ok", "failed", "cancelled", "rate_limited"]), st.integers(0, 30)),
    st.tuples(st.just("cancel"), st.integers(0, 30)),
    st.tuples(st.just("turn"), st.integers(1, 3)),
)


async def run(steps: list[tuple[str, int]], limits: Limits) -> None:
    loop = asyncio.get_running_loop()
    lane = Lane("k|x", LocalGate(limits, loop.time()), loop, patience_s=30.0)
    tasks: list[asyncio.Task[Permit]] = []
    held: list[Permit] = []

    def collect() -> None:
        for task in [task for task in tasks if task.done()]:
            tasks.remove(task)
            if not task.cancelled():
                held.append(task.result())

    for what, number in steps:
        if what == "ask":
            tasks.append(asyncio.create_task(lane.acquire(10, number)))
        elif what == "cancel" and tasks:
            tasks[number % len(tasks)].cancel()
        elif what == "turn":
            for _ in range(number):
                await asyncio.sleep(0)
        elif held and what in ("ok", "failed", "cancelled", "rate_limited"):
            signal: Signal = what  # type: ignore[assignment]
            lane.release(held.pop(number % len(held)), signal, 10, 0.0 if what == "rate_limited" else None)
        collect()
        assert len(held) <= lane.in_flight <= limits.highest
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    collect()
    assert lane.in_flight == len(held)
    for permit in held:
        lane.release(permit, "ok", None, None)
    assert (lane.in_flight, lane.waiting) == (0, 0)
    lane.release(await asyncio.wait_for(lane.acquire(0, 1), 1.0), "ok", None, None)
    lane.close()


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=60), st.integers(1, 4))
def test_no_permit_is_lost_and_none_is_given_twice(steps: list[tuple[str, int]], start: int) -> None:
    asyncio.run(run(steps, Limits(start=start, highest=6)))
