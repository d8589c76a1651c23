"""The database goes away under working workers: connections cut on PostgreSQL, the write lock held on SQLite."""

import sqlite3
import threading
import time

import pytest
from django.db import connection
from django.db.models import Sum

from evalhub.runs.models import Answer, Intent

pytestmark = [pytest.mark.live, pytest.mark.django_db(transaction=True)]


def cut_connections():
    """Every connection of the workers, wherever in a transaction it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def hold_write_lock(seconds):
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=30, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    other.execute("ROLLBACK")
    other.close()
    return 1


def test_the_database_may_go_away_at_any_moment(world):
    mock = world.mock(latency_ms=20)
    run = world.run_on(mock, 600, endpoint={"max_in_flight": 16, "input_price": 1.0}, budget=10.0)
    world.nursery.fork()
    world.nursery.fork()
    cut = 0
    for target in (50, 150, 250, 350, 450):
        world.until_answered(target)
        cut += cut_connections() if connection.vendor == "postgresql" else hold_write_lock(0.8)
    assert cut >= 5
    world.until_done(run)
    run.refresh_from_db()
    assert run.done == run.expected == Answer.objects.filter(run=run).count()
    assert run.failed == 0
    assert mock.books()["duplicates"] == 0
    assert not Intent.objects.filter(is_settled=False).exists()
    assert run.reserved_nano == 0
    assert run.spent_nano == Answer.objects.aggregate(total=Sum("cost_nano"))["total"] > 0


def test_pages_can_write_while_workers_work(world):
    """No writer waits for long: what a person does takes its turn between groups."""
    mock = world.mock(latency_ms=5)
    run = world.run_on(mock, 1500, endpoint={"max_in_flight": 32})
    world.nursery.fork()
    world.until_answered(50)
    waits = []
    stop = threading.Event()
    while len(waits) < 40 and not stop.is_set():
        began = time.monotonic()
        type(run).objects.filter(pk=run.pk).update(reason_text="")
        waits.append(time.monotonic() - began)
        time.sleep(0.01)
    world.until_done(run)
    assert max(waits) < 2.0
    assert sorted(waits)[len(waits) // 2] < 0.2
