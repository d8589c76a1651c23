"""Every Celery task, run twice: the database is the same after the second time. No broker and no Redis are needed."""

import threading

import pytest
from celery import current_app

from evalhub.runs import services
from evalhub.runs.models import Answer, Cell, Grade, Intent, Run, RunStatus, Shard, ShardStatus, Worker
from workers import tasks
from workers.wiring import FINISHER

pytestmark = pytest.mark.django_db(transaction=True)
OURS = "workers.tasks."


def state():
    """Everything a task may change, but for heartbeats."""
    tables = (Run, Shard, Intent, Answer, Grade, Cell)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def run_whole(task, *args):
    """The task, and the finishing that it started beside itself where no message got through."""
    task(*args)
    for thread in threading.enumerate():
        if thread.name.startswith(FINISHER):
            thread.join(10)


def run_twice(task, *args):
    run_whole(task, *args)
    once = state()
    run_whole(task, *args)
    assert state() == once


def a_complete_run(start):
    run = start(items=120)
    run_whole(tasks.work, "eval_api")
    assert not Shard.objects.exclude(status=ShardStatus.DONE).exists()
    return run


def test_work_twice(start):
    run = start(items=120)
    run_twice(tasks.work, "eval_api")
    assert Answer.objects.filter(run=run).count() == 120


def test_finish_twice(start):
    run = a_complete_run(start)
    run_twice(tasks.finish, run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.FINISHED


def test_tick_twice_finishes_what_nobody_finished(start):
    run = start(items=20)
    Shard.objects.update(status=ShardStatus.DONE)
    run_twice(tasks.tick)
    run.refresh_from_db()
    assert run.status == RunStatus.FINISHED


def test_every_task_is_run_twice_here():
    ours = {name.removeprefix(OURS) for name in current_app.tasks if name.startswith(OURS)}
    tested = {name.removeprefix("test_").split("_")[0] for name in globals() if "_twice" in name}
    assert ours <= tested


def test_tick_nudges_the_pools_that_have_work(start, monkeypatch):
    sent = []
    monkeypatch.setattr("workers.queue._send", lambda task, args, queue: sent.append((task, args, queue)))
    tasks.tick()
    assert sent == []
    run = start(items=10)
    sent.clear()
    tasks.tick()
    assert sent == [("workers.tasks.work", ["eval_api"], "eval_api")]
    sent.clear()
    services.pause_run(run=run)
    tasks.tick()
    assert sent == []


def test_tick_forgets_workers_of_the_day_before(start):
    old = {"pool": "eval_api", "host": "h", "pid": 1, "version": "v", "started_at": "2020-01-01T00:00:00Z"}
    Worker.objects.create(name="old", beat_at="2020-01-01T00:00:00Z", **old)
    tasks.tick()
    assert not Worker.objects.exists()


def test_a_start_nudges_once_and_only_after_the_commit(start, monkeypatch):
    from django.db import transaction

    sent = []
    monkeypatch.setattr("workers.queue._send", lambda task, args, queue: sent.append((task, queue)))
    with transaction.atomic():
        start(items=10)
        assert sent == []
    assert sent == [("workers.tasks.work", "eval_api")]


def test_a_start_succeeds_although_the_broker_is_down(start):
    assert start(items=10).status == RunStatus.QUEUED  # the test's Redis address leads nowhere


def test_a_resident_loop_is_woken_instead_of_doubled(start, make_loop):
    from benchmarks.rig import wait_until
    from workers.resident import Resident, resident

    living = Resident("eval_api", lambda: make_loop(poll_s=60.0))
    living.start()
    try:
        wait_until(Worker.objects.exists, what="the first heartbeat")
        run = start(items=30)
        tasks.work("eval_api")
        wait_until(lambda: Answer.objects.filter(run=run).count() == 30, seconds=10, what="the answers")
        assert Worker.objects.count() == 1
    finally:
        living.stop()
        living.join(10)
    assert not living.is_alive
    assert resident("eval_api") is None
