"""I3 and I4: on record before the bytes leave; spent + reserved never above the budget."""

import pytest
from django.db.models import Sum

from evalhub.runs import intents, services
from evalhub.runs.intents import Planned
from evalhub.runs.models import Intent, Run, RunStatus, Shard
from workers.claim import claim, release

ME = "worker-1"


@pytest.fixture
def budgeted(start):
    """(claim, run, item ids) of a run with a budget of 1000 nano units."""
    run = start(items=10, endpoint={"input_price": 1.0}, budget=0.000001)
    return claim("eval_api", ME, lease_s=60), run, list(run.suite_version.items.values_list("id", flat=True))


def plan(shard, requests, holder=ME):
    return intents.plan(
        run_id=shard.run_id,
        shard_id=shard.shard_id,
        fence=shard.fence,
        holder=holder,
        requests=requests,
        lease_s=60,
    )


def books_agree(run):
    run.refresh_from_db()
    unsettled = (
        Intent.objects.filter(run=run, is_settled=False).aggregate(total=Sum("reserved_nano"))["total"] or 0
    )
    assert run.reserved_nano == unsettled
    assert run.budget_nano is None or run.spent_nano + run.reserved_nano <= run.budget_nano


def test_intents_stand_with_their_reservations(budgeted):
    shard, run, items = budgeted
    assert plan(shard, [Planned(item, 0, 100) for item in items[:4]]) == 4
    books_agree(run)
    assert run.reserved_nano == 400


def test_as_many_as_the_budget_covers_from_the_front(budgeted):
    shard, run, items = budgeted
    assert plan(shard, [Planned(item, 0, 300) for item in items]) == 3
    books_agree(run)
    assert set(Intent.objects.values_list("item_id", flat=True)) == set(items[:3])
    assert plan(shard, [Planned(items[3], 0, 300)]) == 0
    assert plan(shard, [Planned(items[4], 0, 100)]) == 1
    books_agree(run)


def test_planning_twice_reserves_once(budgeted):
    """The commit of the first try went through, but its answer was lost with the connection."""
    shard, run, items = budgeted
    requests = [Planned(item, 0, 100) for item in items[:4]]
    assert plan(shard, requests) == plan(shard, requests) == 4
    books_agree(run)
    assert run.reserved_nano == 400


@pytest.mark.parametrize(
    "status", [RunStatus.PAUSED, RunStatus.CANCELLED, RunStatus.QUEUED, RunStatus.FINISHED]
)
def test_nothing_may_leave_for_a_run_that_does_not_run(budgeted, status):
    shard, run, items = budgeted
    Run.objects.update(status=status)
    assert plan(shard, [Planned(items[0], 0, 100)]) is None
    assert plan(shard, [Planned(items[0], 0, 0)]) is None
    assert not Intent.objects.exists()


def test_nothing_may_leave_under_a_lost_fence(budgeted):
    shard, run, items = budgeted
    assert plan(shard, [Planned(items[0], 0, 1)], holder="worker-2") is None
    release(shard, ME)
    assert plan(shard, [Planned(items[0], 0, 1)]) is None
    assert not Intent.objects.exists()


def test_what_never_left_is_taken_back(budgeted):
    shard, run, items = budgeted
    requests = [Planned(item, 0, 100) for item in items[:4]]
    plan(shard, requests)
    for _ in range(2):
        intents.drop(run_id=run.pk, shard_id=shard.shard_id, fence=shard.fence, requests=requests[2:])
    books_agree(run)
    assert run.reserved_nano == 200


def test_one_more_try_reserves_more_or_is_refused(budgeted):
    shard, run, items = budgeted
    plan(shard, [Planned(items[0], 0, 600)])

    def once_more(by):
        return intents.raise_reservation(
            run_id=run.pk, shard_id=shard.shard_id, fence=shard.fence, item_id=items[0], repeat=0, by_nano=by
        )

    assert once_more(400)
    assert not once_more(1)
    books_agree(run)
    assert run.reserved_nano == 1000


def test_what_a_dead_worker_had_in_flight_stays_reserved_and_on_record(budgeted):
    shard, run, items = budgeted
    plan(shard, [Planned(items[0], 0, 900)])
    assert intents.possibly_billed(run.pk) == {}  # still held: in flight, not in doubt
    Shard.objects.update(lease_until="2020-01-01T00:00:00Z")
    again = claim("eval_api", "worker-2", lease_s=60)
    assert intents.possibly_billed(run.pk) == {"requests": 1, "nano": 900}
    assert plan(again, [Planned(items[0], 0, 900)], holder="worker-2") == 0  # its bill may still come
    books_agree(run)


def test_deaths_are_counted_by_item_until_it_is_answered(budgeted):
    shard, run, items = budgeted
    for expected in ({}, {(items[0], 0): 1}, {(items[0], 0): 2}):
        assert intents.deaths_by_item(shard.shard_id, shard.fence) == expected
        plan(shard, [Planned(items[0], 0, 0)], holder=Shard.objects.get().holder)
        Shard.objects.update(lease_until="2020-01-01T00:00:00Z")
        shard = claim("eval_api", ME, lease_s=60)
    run.answers.create(item_id=items[0], outcome="correct", created_at="2026-01-01T00:00:00Z")
    assert intents.deaths_by_item(shard.shard_id, shard.fence) == {}


def test_the_database_itself_refuses_an_overspent_run(budgeted):
    from django.db import IntegrityError, transaction

    _, run, _ = budgeted
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.update(spent_nano=1001)


def test_resume_with_more_money_goes_on(budgeted):
    shard, run, items = budgeted
    plan(shard, [Planned(item, 0, 500) for item in items])
    Run.objects.update(status=RunStatus.PAUSED)
    services.resume_run(run=run, budget=0.000002)
    Run.objects.update(status=RunStatus.RUNNING)
    assert plan(shard, [Planned(items[5], 0, 900)]) == 1
    books_agree(run)
