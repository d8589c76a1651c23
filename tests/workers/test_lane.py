"""The database's own thread: whole jobs, in order, again while the database is away."""

import asyncio
import threading

import pytest
from django.db import OperationalError, connection

from workers.loop.lane import DatabaseLane

pytestmark = pytest.mark.django_db(transaction=True)


def in_lane(play):
    """Run the coroutine function with a fresh lane."""

    async def whole():
        lane = DatabaseLane("test")
        try:
            return await play(lane)
        finally:
            await asyncio.get_running_loop().run_in_executor(None, lane.close)

    return asyncio.run(whole())


def setting(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}" if connection.vendor == "postgresql" else f"PRAGMA {name}")
        return cursor.fetchone()[0]


def test_jobs_run_in_order_in_one_thread_that_is_not_the_loop_s():
    order = []

    async def play(lane):
        def job(number):
            order.append((number, threading.current_thread().name))

        await asyncio.gather(*(lane.run(job, number) for number in range(20)))

    in_lane(play)
    assert [number for number, _ in order] == list(range(20))
    assert {name for _, name in order} != {threading.current_thread().name}
    assert len({name for _, name in order}) == 1


def test_a_job_is_tried_again_until_the_database_is_back():
    calls = []

    def job():
        calls.append(1)
        if len(calls) < 4:
            raise OperationalError("the database system is starting up")
        return setting("server_version" if connection.vendor == "postgresql" else "user_version")

    async def play(lane):
        assert await lane.run(job) is not None
        return lane.retries

    assert in_lane(play) == 3


def test_other_errors_are_the_caller_s():
    async def play(lane):
        with pytest.raises(ZeroDivisionError):
            await lane.run(lambda: 1 / 0)

    in_lane(play)


def test_a_lane_that_gives_up_raises():
    def job():
        raise OperationalError("gone")

    async def play(lane):
        lane.give_up()
        with pytest.raises(OperationalError):
            await lane.run(job)

    in_lane(play)


def test_a_connection_is_told_how_a_claim_loop_behaves():
    async def play(lane):
        if connection.vendor == "postgresql":
            return await lane.run(setting, "idle_in_transaction_session_timeout")
        return await lane.run(setting, "cache_size")

    assert in_lane(play) in ("20s", -8000)
