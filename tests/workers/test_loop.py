"""The claim loop over the real gateway and the mock in this process: every way a run can go, to its end in the database."""

import asyncio
import threading
import time
from contextlib import suppress

import pytest
from django.db.models import Sum

from evalhub.endpoints.models import Endpoint
from evalhub.runs import services
from evalhub.runs.finish import finish_run
from evalhub.runs.models import Answer, Grade, Intent, Run, RunStatus, Shard, ShardStatus, Worker
from workers.claim import claim

pytestmark = pytest.mark.django_db(transaction=True)


def books_balance(run):
    """I1, I3 and I4 at rest: counters equal rows, every request settled, reservations gone, budget held."""
    run.refresh_from_db()
    rows = list(Answer.objects.filter(run=run).values_list("outcome", flat=True))
    assert (run.failed, run.quarantined) == (rows.count("failed"), rows.count("quarantined"))
    assert run.done + run.failed + run.quarantined == len(rows)
    unsettled = (
        Intent.objects.filter(run=run, is_settled=False).aggregate(total=Sum("reserved_nano"))["total"] or 0
    )
    assert run.reserved_nano == unsettled
    assert run.budget_nano is None or run.spent_nano + run.reserved_nano <= run.budget_nano


def test_a_run_is_asked_graded_stored_and_finished(start, work):
    run, complete = start(items=250, repeats=2), []
    work(complete=complete)
    books_balance(run)
    assert (run.done, complete) == (500, [run.pk])
    assert not Intent.objects.filter(is_settled=False).exists()
    assert Grade.objects.filter(answer__run=run).count() == 500
    assert not Shard.objects.exclude(status=ShardStatus.DONE).exists()
    assert finish_run(run.pk)
    answer = Answer.objects.filter(run=run).first()
    assert answer.request_hash
    assert answer.text
    assert answer.requests == 1


def test_what_is_answered_is_not_asked_again(start, work):
    run = start(items=100)
    items = list(run.suite_version.items.all()[:60])
    Answer.objects.bulk_create(
        Answer(run=run, item=item, outcome="correct", score=1, created_at="2026-01-01T00:00:00Z")
        for item in items
    )
    Run.objects.update(done=60)
    work()
    books_balance(run)
    assert run.done == 100
    assert Intent.objects.filter(run=run).count() == 40


def test_two_runs_on_one_endpoint_advance_side_by_side(start, work):
    first = start(items=200, endpoint={"quirks": {"latency_ms": 2}, "max_in_flight": 8})
    second = start(items=200, endpoint=first.endpoint)
    work()
    order = list(Answer.objects.order_by("id").values_list("run_id", flat=True))
    assert len(order) == 400
    assert 0.3 < order[:200].count(first.pk) / 200 < 0.7
    assert {first.pk, second.pk} == set(order)


def test_the_urgent_run_overtakes(start, work):
    slow = start(items=200, endpoint={"quirks": {"latency_ms": 2}, "max_in_flight": 8})
    urgent = start(items=100, endpoint=slow.endpoint, priority=0)
    work()
    order = list(Answer.objects.order_by("id").values_list("run_id", flat=True))
    assert order[:110].count(urgent.pk) > 95


@pytest.mark.parametrize(
    ("fault", "reason"), [("quota", "quota_exhausted"), ("401", "auth_refused"), ("404", "model_missing")]
)
def test_a_wall_that_every_item_would_meet_pauses_the_run(start, work, fault, reason):
    run = start(items=50, endpoint={"quirks": {"faults": f"{fault}:1.0"}})
    work()
    books_balance(run)
    assert (run.status, run.reason) == (RunStatus.PAUSED, reason)
    assert run.reason_text
    assert not Answer.objects.exists()
    assert not Shard.objects.exclude(holder="").exists()


def test_a_paused_run_goes_on_where_it_stopped(start, work):
    run = start(items=150, endpoint={"quirks": {"faults": "quota~Question 60:"}, "max_in_flight": 4})
    work()
    books_balance(run)
    assert run.status == RunStatus.PAUSED
    assert 50 < run.done < 90
    Endpoint.objects.update(quirks={})
    services.resume_run(run=run)
    work()
    books_balance(run)
    assert run.done == 150


def test_a_long_429_parks_the_shard_in_the_database(start, work):
    run = start(items=20, endpoint={"quirks": {"faults": "429=30:1.0"}, "max_in_flight": 2})
    work()
    books_balance(run)
    assert run.status == RunStatus.RUNNING
    assert Shard.objects.get().not_before is not None
    assert Shard.objects.get().holder == ""
    assert not Answer.objects.exists()


def test_a_request_that_fails_for_good_is_a_failed_answer_and_the_rest_goes_on(start, work):
    run = start(items=30, endpoint={"quirks": {"faults": "400~Question 7:"}})
    work()
    books_balance(run)
    assert (run.done, run.failed) == (29, 1)
    failed = Answer.objects.get(outcome="failed")
    assert (failed.item.position, failed.error_class, failed.score) == (7, "invalid_request", None)


def test_failed_items_can_be_asked_again(start, work):
    run = start(items=30, endpoint={"quirks": {"faults": "400~Question 7:"}})
    work()
    assert finish_run(run.pk)
    Endpoint.objects.update(quirks={})
    assert services.retry_failed(run=run) == 1
    work()
    books_balance(run)
    assert (run.done, run.failed) == (30, 0)
    assert finish_run(run.pk)
    assert Intent.objects.count() == 31


def test_passing_faults_are_retried(start, work):
    run = start(items=60, endpoint={"quirks": {"faults": "500:0.2,reset:0.1,malformed:0.05"}})
    work()
    books_balance(run)
    assert run.done + run.failed == 60
    assert run.failed <= 3
    assert Answer.objects.filter(requests__gt=1).exists()


def test_an_item_that_cannot_be_rendered_fails_alone(start, work):
    run = start(items=10)
    run.suite_version.items.filter(position=3).update(spec={"nonsense": True})
    work()
    books_balance(run)
    assert (run.done, run.failed) == (9, 1)
    assert Answer.objects.get(outcome="failed").error_class == "internal_error"


def test_a_missing_key_pauses_the_run_and_says_where_to_put_it(start, work):
    run = start(items=10, endpoint={"secret_name": "nowhere"})
    work()
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.PAUSED, "key_missing")
    assert "EVALHUB_SECRET_NOWHERE" in run.reason_text
    assert Shard.objects.get().holder == ""


def test_the_budget_is_a_hard_stop(start, work):
    priced = {"input_price": 3.0, "output_price": 9.0, "max_in_flight": 16}
    run = start(items=300, endpoint=priced, budget=0.02, settings={"max_tokens": 64})
    work()
    books_balance(run)
    assert (run.status, run.reason) == (RunStatus.PAUSED, "budget_exhausted")
    assert 20 < run.done < 300
    assert run.reserved_nano == 0
    assert (
        Answer.objects.aggregate(total=Sum("cost_nano"))["total"] == run.spent_nano > 0.75 * run.budget_nano
    )
    services.resume_run(run=run, budget=1.0)
    work()
    books_balance(run)
    assert run.done == 300


def run_in_thread(loop, **options):
    thread = threading.Thread(target=lambda: asyncio.run(loop.run(**options)))
    thread.start()
    return thread


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


SLOW = {"quirks": {"latency_ms": 50}, "max_in_flight": 4}


def test_cancelling_stops_new_requests_within_the_control_interval(start, make_loop):
    run, loop = start(items=200, endpoint=SLOW), make_loop()
    thread = run_in_thread(loop)
    wait_until(lambda: Answer.objects.count() > 8)
    services.cancel_run(run=run)
    time.sleep(0.3)
    intents, answers = Intent.objects.count(), Answer.objects.count()
    time.sleep(0.3)
    assert (Intent.objects.count(), Answer.objects.count()) == (intents, answers)
    loop.stop()
    thread.join(10)
    books_balance(run)
    assert run.settled == run.expected
    assert run.cancelled > 0


def test_pausing_keeps_what_was_in_flight(start, make_loop):
    run, loop = start(items=200, endpoint=SLOW), make_loop()
    thread = run_in_thread(loop)
    wait_until(lambda: Answer.objects.count() > 8)
    services.pause_run(run=run)
    wait_until(lambda: not Shard.objects.exclude(holder="").exists())
    assert not Intent.objects.filter(is_settled=False).exists()
    services.resume_run(run=run)
    loop.wake()
    wait_until(lambda: not Shard.objects.filter(status=ShardStatus.OPEN).exists())
    loop.stop()
    thread.join(10)
    books_balance(run)
    assert run.done == 200
    assert Answer.objects.filter(requests=1).count() == 200


def test_stopping_finishes_calls_and_gives_leases_back(start, make_loop, work):
    run, loop = start(items=200, endpoint=SLOW), make_loop()
    thread = run_in_thread(loop)
    wait_until(lambda: Answer.objects.count() > 8)
    loop.stop()
    thread.join(10)
    books_balance(run)
    assert 0 < run.done < 200
    assert not Intent.objects.filter(is_settled=False).exists()
    assert not Shard.objects.exclude(holder="").exists()
    assert Worker.objects.get().stopped_at is not None
    work()
    books_balance(run)
    assert run.done == 200
    assert Answer.objects.filter(requests=1).count() == 200
    assert Intent.objects.aggregate(total=Sum("requests"))["total"] == 200
    assert not Shard.objects.filter(deaths__gt=0).exists()


def test_what_does_not_finish_in_time_is_cut_off_and_stays_an_open_intent(start, make_loop):
    run = start(items=8, endpoint={"quirks": {"latency_ms": 5000}, "max_in_flight": 4})
    loop = make_loop(drain_s=0.3)
    thread = run_in_thread(loop)
    wait_until(lambda: Intent.objects.exists())
    time.sleep(0.2)
    loop.stop()
    thread.join(10)
    assert not thread.is_alive()
    books_balance(run)
    assert run.done == 0
    assert Intent.objects.filter(is_settled=False).count() >= 4


def test_two_workers_share_a_run_without_asking_twice(start, make_loop):
    run = start(items=600, endpoint={"quirks": {"latency_ms": 5}, "max_in_flight": 16})
    threads = [run_in_thread(make_loop(), until_idle=True) for _ in range(2)]
    for thread in threads:
        thread.join(30)
    books_balance(run)
    assert run.done == 600
    assert Intent.objects.count() == 600
    assert len(set(Answer.objects.values_list("worker", flat=True))) == 2


def test_the_result_depends_neither_on_workers_nor_on_retries(start, work):
    """I7: one calm run, and one with faults and a tiny window, have the same requests and the same answers."""
    calm = start(items=150)
    stormy = start(
        version=calm.suite_version, endpoint={"quirks": {"faults": "500:0.1,cut:0.1"}, "max_in_flight": 3}
    )
    work()
    seals = []
    for run in (calm, stormy):
        assert finish_run(run.pk)
        run.refresh_from_db()
        assert run.done == 150
        seals.append((run.manifest["requests_sha256"], run.manifest["answers_sha256"]))
    assert seals[0] == seals[1]


def test_a_holder_that_slept_writes_nothing_once_another_took_over(start, make_loop, work):
    """SIGSTOP and SIGCONT: the old holder comes back with answers in hand, and its fence is worth nothing."""
    run = start(items=20, endpoint={"quirks": {"latency_ms": 300}, "max_in_flight": 20})
    sleeper = make_loop(control_s=60)
    thread = run_in_thread(sleeper)
    wait_until(lambda: Intent.objects.count() == 20)
    Shard.objects.update(lease_until="2020-01-01T00:00:00Z")
    other = claim("eval_api", "other", lease_s=60)
    wait_until(lambda: sleeper._desk.in_flight == 0 and sleeper._desk.recorder.is_empty)
    sleeper.stop()
    thread.join(10)
    assert not Answer.objects.exists()
    row = Shard.objects.get()
    assert (row.fence, row.holder, row.deaths) == (other.fence, "other", 1)
    books_balance(run)
    assert Intent.objects.filter(is_settled=True).count() == 20  # paid for, and on record


def die_with_in_flight(run, positions):
    """What a SIGKILL leaves: a lease that runs out, and unsettled intents."""
    held = claim("eval_api", "dead", lease_s=60)
    for item in run.suite_version.items.filter(position__in=positions):
        Intent.objects.create(
            run=run, shard_id=held.shard_id, item=item, fence=held.fence, created_at="2026-01-01T00:00:00Z"
        )
    Shard.objects.filter(pk=held.shard_id).update(lease_until="2020-01-01T00:00:00Z")


def test_the_item_that_killed_three_workers_is_quarantined_and_the_others_finish(start, work):
    run = start(items=100)
    for _ in range(3):
        die_with_in_flight(run, [42])
    work()
    books_balance(run)
    assert (run.done, run.quarantined) == (99, 1)
    answer = Answer.objects.get(outcome="quarantined")
    assert (answer.item.position, answer.error_class, answer.requests) == (42, "worker_died", 0)


def test_two_deaths_are_not_enough_and_suspects_are_asked_alone(start, work):
    run = start(items=60, endpoint={"quirks": {"latency_ms": 5}, "max_in_flight": 16})
    for _ in range(2):
        die_with_in_flight(run, [3, 4, 5])
    seen = []

    def wrap(gateway):
        real = gateway.ask

        async def ask(target, ask, *, context):
            shard, slot = context.tag
            seen.append((slot.item.id, slot.deaths, len(shard.active)))
            return await real(target, ask, context=context)

        gateway.ask = ask
        return gateway

    work(wrap=wrap)
    books_balance(run)
    assert run.done == 60
    assert [beside for _, deaths, beside in seen if deaths == 2] == [1, 1, 1]
    assert [deaths for _, deaths, _ in seen][:3] == [2, 2, 2]
    assert max(beside for _, deaths, beside in seen if not deaths) > 1


def test_a_fault_of_ours_fails_the_item_and_not_the_worker(start, work):
    def wrap(gateway):
        real = gateway.ask

        async def ask(target, ask, *, context):
            if "Question 5:" in str(ask.messages):
                raise ZeroDivisionError("a bug")
            return await real(target, ask, context=context)

        gateway.ask = ask
        return gateway

    run = start(items=20)
    work(wrap=wrap)
    books_balance(run)
    assert (run.done, run.failed) == (19, 1)
    assert "ZeroDivisionError" in Answer.objects.get(outcome="failed").error_text


def test_the_database_may_go_away_in_between(start, work, monkeypatch):
    """Whole transactions are tried again, at any point, also where the commit's fate is unknown."""
    from django.db import OperationalError

    from evalhub.runs import intents, recording
    from workers import claim as claims

    def flaky(function, before, after):
        calls = iter(range(10**6))

        def call(*args, **kwargs):
            number = next(calls)
            if number in before:
                raise OperationalError("server closed the connection unexpectedly")
            result = function(*args, **kwargs)
            if number in after:
                raise OperationalError("the connection broke after the commit")
            return result

        return call

    monkeypatch.setattr(recording, "record", flaky(recording.record, {0, 3}, {1, 4}))
    monkeypatch.setattr(intents, "plan", flaky(intents.plan, {0, 5}, {2, 6}))
    monkeypatch.setattr(claims, "claim", flaky(claims.claim, {0}, set()))
    run = start(items=300, endpoint={"input_price": 1.0}, budget=1.0)
    loop = work()
    assert loop._lane.retries >= 7
    books_balance(run)
    assert run.done == 300
    assert run.reserved_nano == 0
    assert Answer.objects.aggregate(total=Sum("cost_nano"))["total"] == run.spent_nano


def test_the_heart_beats(start, make_loop):
    start(items=100, endpoint=SLOW)
    loop = make_loop(beat_s=0.05)
    thread = run_in_thread(loop)
    wait_until(lambda: Worker.objects.filter(in_flight__gt=0, shards=1).exists())
    with suppress(Exception):
        loop.stop()
    thread.join(10)
    row = Worker.objects.get()
    assert (row.pool, row.in_flight, row.shards) == ("eval_api", 0, 0)
    assert row.name == loop.name


def test_a_quarantined_item_can_be_asked_again(start, work):
    run = start(items=10)
    for _ in range(3):
        die_with_in_flight(run, [4])
    work()
    run.refresh_from_db()
    assert run.quarantined == 1
    assert services.retry_failed(run=run) == 1
    work()
    books_balance(run)
    assert (run.done, run.quarantined) == (10, 0)


def test_failed_items_can_be_asked_again_while_the_rest_is_under_way(start, make_loop):
    run = start(
        items=150, endpoint={"quirks": {"latency_ms": 30, "faults": "400~Question 1:"}, "max_in_flight": 4}
    )
    loop = make_loop()
    thread = run_in_thread(loop)
    wait_until(lambda: Answer.objects.filter(outcome="failed").exists())
    Endpoint.objects.update(quirks={"latency_ms": 1})
    assert services.retry_failed(run=run) == 1
    wait_until(lambda: not Shard.objects.filter(status=ShardStatus.OPEN).exists(), seconds=30)
    loop.stop()
    thread.join(10)
    books_balance(run)
    assert run.done + run.failed == 150
