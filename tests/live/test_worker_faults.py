"""Workers killed, stopped, put to sleep and starved; what the mock server counted is held against what the database holds."""

import sqlite3
import time

import pytest
from django.db import connection
from django.db.models import Sum

from benchmarks.rig import wait_until
from evalhub.runs.finish import finish_run
from evalhub.runs.models import Answer, Intent, Run, RunStatus, Shard

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]

IN_FLIGHT = 16
ENDPOINT = {"max_in_flight": IN_FLIGHT}


def nothing_is_lost(run, *, failed=0, quarantined=0):
    """I1 and I4, from rows and counters alike."""
    run.refresh_from_db()
    rows = list(Answer.objects.filter(run=run).values_list("outcome", flat=True))
    assert len(rows) == run.expected
    assert (run.failed, run.quarantined) == (rows.count("failed"), rows.count("quarantined"))
    assert (run.failed, run.quarantined) == (failed, quarantined)
    assert run.done == run.expected - failed - quarantined
    unsettled = (
        Intent.objects.filter(run=run, is_settled=False).aggregate(total=Sum("reserved_nano"))["total"] or 0
    )
    assert run.reserved_nano == unsettled


def extra_requests(mock, run):
    """Requests beyond one an answer, by the server's own books."""
    return mock.books()["requests"] - run.expected


def test_a_killed_worker_loses_nothing_and_costs_at_most_what_was_in_flight(world):
    mock = world.mock(latency_ms=40)
    run = world.run_on(mock, 600, endpoint=ENDPOINT)
    for target in (100, 250, 400):
        pid = world.nursery.fork()
        world.until_answered(target)
        world.nursery.kill(pid)
    world.nursery.fork()
    world.until_done(run)
    nothing_is_lost(run)
    in_doubt = Intent.objects.filter(is_settled=False).count()
    assert extra_requests(mock, run) <= in_doubt  # every possible bill is on record
    assert in_doubt <= 3 * 4 * IN_FLIGHT  # on the wire, planned, and answered but not yet written
    assert finish_run(run.pk)


def test_another_worker_goes_on_within_a_lease(world):
    mock = world.mock(latency_ms=50)
    run = world.run_on(mock, 100, endpoint=ENDPOINT)
    pid = world.nursery.fork()
    world.until_answered(30)
    world.nursery.kill(pid)
    world.nursery.fork()
    began = time.monotonic()
    world.until_done(run)
    assert time.monotonic() - began < 10  # a lease of 2 s, a poll, and the rest of the work
    assert Shard.objects.get(run=run).deaths == 1
    nothing_is_lost(run)


def test_sigterm_drains_with_no_failure_and_no_extra_request(world):
    mock = world.mock(latency_ms=150, jitter=0.5)
    run = world.run_on(mock, 400, endpoint=ENDPOINT)
    for target in (60, 160, 260):
        pid = world.nursery.fork()
        world.until_answered(target)
        world.nursery.terminate(pid)
        assert not Shard.objects.exclude(holder="").exists()
    world.nursery.fork()
    world.until_done(run)
    nothing_is_lost(run)
    assert extra_requests(mock, run) == 0
    assert mock.books()["duplicates"] == 0
    assert not Shard.objects.filter(deaths__gt=0).exists()
    assert not Intent.objects.filter(is_settled=False).exists()


def freeze_outside_a_transaction(world, pid):
    """A worker asleep with SQLite's write lock in its hands stops every writer; PostgreSQL ends its session after 20 s."""
    while True:
        world.nursery.freeze(pid)
        if connection.vendor != "sqlite" or can_write():
            return
        world.nursery.thaw(pid)
        time.sleep(0.01)


def can_write():
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0.1, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True


def test_a_sleeper_that_wakes_up_writes_nothing(world):
    mock = world.mock(latency_ms=60)
    run = world.run_on(mock, 300, endpoint=ENDPOINT)
    sleeper = world.nursery.fork()
    world.until_answered(60)
    freeze_outside_a_transaction(world, sleeper)
    before = dict(Shard.objects.exclude(holder="").values_list("id", "fence"))
    world.nursery.fork()
    world.until_done(run)
    answers = set(Answer.objects.values_list("id", "worker"))
    world.nursery.thaw(sleeper)
    time.sleep(1.5)
    assert set(Answer.objects.values_list("id", "worker")) == answers
    nothing_is_lost(run)
    assert all(Shard.objects.get(pk=pk).fence > fence for pk, fence in before.items())
    world.nursery.terminate(sleeper)


def test_many_workers_ask_nothing_twice(world):
    mock = world.mock(latency_ms=10)
    run = world.run_on(mock, 1500, endpoint=ENDPOINT)
    for _ in range(4):
        world.nursery.fork()
    world.until_done(run)
    nothing_is_lost(run)
    assert extra_requests(mock, run) == 0
    assert mock.books()["duplicates"] == 0
    assert len(set(Answer.objects.values_list("worker", flat=True))) > 1


def test_together_the_workers_keep_to_the_endpoint_s_limit(world):
    mock = world.mock(latency_ms=50)
    run = world.run_on(mock, 600, endpoint={"max_in_flight": 8})
    for _ in range(3):
        world.nursery.fork()
    world.until_done(run)
    nothing_is_lost(run)
    assert (
        mock.books()["most_in_flight"] <= 8 * 3
    )  # each may use its own share blindly until Redis told it the common one
    assert mock.books()["duplicates"] == 0


def test_the_item_that_kills_workers_is_quarantined_and_the_others_finish(world):
    """A worker dies whenever the item is on the wire: played by killing whoever holds it while the server hangs on it."""
    mock = world.mock(faults="hang~Question 42:")
    run = world.run_on(mock, 100, endpoint=ENDPOINT)
    poison = run.suite_version.items.get(position=42).pk
    for death in range(3):
        pid = world.nursery.fork()
        wait_until(
            lambda death=death: Intent.objects.filter(item=poison, is_settled=False).count() == death + 1
        )
        time.sleep(0.3)
        world.nursery.kill(pid)
    world.nursery.fork()
    world.until_done(run)
    nothing_is_lost(run, quarantined=1)
    assert Answer.objects.get(outcome="quarantined").item_id == poison


def test_redis_killed_and_wiped_stops_nothing(world):
    mock = world.mock(latency_ms=40)
    run = world.run_on(mock, 500, endpoint=ENDPOINT)
    world.nursery.fork()
    world.nursery.fork()
    for target in (80, 200, 320):
        world.until_answered(target)
        world.redis.kill()
        time.sleep(0.3)
        world.redis.start()  # empty: it keeps nothing on disk
    world.until_done(run)
    nothing_is_lost(run)
    assert mock.books()["duplicates"] == 0


def test_a_run_starts_and_finishes_without_any_redis(world):
    world.redis.kill()
    mock = world.mock(latency_ms=10)
    run = world.run_on(mock, 200, endpoint=ENDPOINT)
    world.nursery.fork()
    world.until_done(run)
    nothing_is_lost(run)
    wait_until(
        lambda: Run.objects.get(pk=run.pk).status == RunStatus.FINISHED
    )  # by the worker itself: nobody can be told


def test_servers_that_misbehave(world):
    mock = world.mock(
        latency_ms=5, faults="429=0.1:0.03,500:0.03,reset:0.02,cut:0.02,malformed:0.02,html:0.01,nan:0.01"
    )
    run = world.run_on(mock, 300, endpoint=ENDPOINT)
    world.nursery.fork()
    world.until_done(run, seconds=150)
    run.refresh_from_db()
    nothing_is_lost(run, failed=run.failed)
    assert run.failed <= 6  # two unreadable answers in a row are final
    assert mock.books()["duplicates"] == 0


def test_a_budget_holds_to_the_last_nano_although_workers_die(world):
    mock = world.mock(latency_ms=30)
    priced = {**ENDPOINT, "input_price": 5.0, "output_price": 15.0}
    run = world.run_on(mock, 1000, endpoint=priced, budget=0.3, settings={"max_tokens": 32})
    for target in (40, 90):
        pid = world.nursery.fork()
        world.until_answered(target)
        world.nursery.kill(pid)
    world.nursery.fork()
    wait_until(lambda: Run.objects.get(pk=run.pk).status == RunStatus.PAUSED)
    wait_until(lambda: not Shard.objects.exclude(holder="").exists())
    run.refresh_from_db()
    assert run.reason == "budget_exhausted"
    assert run.spent_nano + run.reserved_nano <= run.budget_nano
    books = mock.books()
    billed = books["tokens_in"] * 5000 + books["tokens_out"] * 15000
    assert billed <= run.budget_nano
    assert billed > run.budget_nano / 4  # the rest may have been billed for what was in flight at the kills
