"""Leases with a fence: who may work on what, decided by the database and its clock."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from evalhub.runs import services
from evalhub.runs.models import Run, RunStatus, Shard, ShardStatus
from workers.claim import claim, pools_with_work, release, renew

A, B = "worker-a", "worker-b"


def take(holder=A, **options):
    return claim("eval_api", holder, **{"lease_s": 60, **options})


def expire(shard_id):
    Shard.objects.filter(pk=shard_id).update(lease_until=Now() - timedelta(seconds=1))


def test_shards_are_claimed_in_order_and_each_once(start):
    start(items=250)
    assert [take().index for _ in range(3)] == [0, 1, 2]
    assert take() is None


def test_a_claim_raises_the_fence_and_starts_the_run(start):
    run = start(items=10)
    held = take()
    row = Shard.objects.get()
    assert (held.fence, row.fence, row.holder, row.deaths) == (1, 1, A, 0)
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert run.started_at is not None


def test_runs_share_the_workers_evenly(start):
    first, second = start(items=300), start(items=300)
    assert [take().run_id for _ in range(4)] == [first.pk, second.pk, first.pk, second.pk]


def test_the_more_urgent_run_goes_first(start):
    idle, normal, urgent = start(priority=2), start(), start(priority=0)
    assert [take().run_id for _ in range(3)] == [urgent.pk, normal.pk, idle.pk]


def test_a_run_the_worker_has_enough_of_is_skipped(start):
    first, second = start(items=300), start(items=300)
    assert take(skip_runs=[first.pk]).run_id == second.pk
    assert take(skip_runs=[first.pk, second.pk]) is None


def test_another_pool_has_nothing_to_claim(start):
    start()
    assert claim("eval_gpu", A, lease_s=60) is None
    assert pools_with_work(["eval_api", "eval_gpu"]) == ["eval_api"]


@pytest.mark.parametrize("status", [RunStatus.PAUSED, RunStatus.CANCELLED, RunStatus.FINISHED])
def test_only_runs_that_run_are_claimed(start, status):
    start()
    Run.objects.update(status=status)
    assert take() is None


def test_a_lease_that_ran_out_is_a_death(start):
    start()
    held = take()
    assert take(B) is None
    expire(held.shard_id)
    again = take(B)
    assert (again.shard_id, again.fence, again.deaths) == (held.shard_id, 2, 1)


def test_a_shard_given_back_is_no_death(start):
    start()
    held = take()
    assert release(held, A)
    again = take(B)
    assert (again.fence, again.deaths) == (2, 0)


def test_a_parked_shard_rests(start):
    start()
    held = take()
    release(held, A, park_s=30)
    assert take() is None
    assert pools_with_work(["eval_api"]) == []
    Shard.objects.update(not_before=Now() - timedelta(seconds=1))
    assert take() is not None


def test_renewal_keeps_what_is_ours_and_tells_what_is_not(start):
    start(items=250)
    mine, lost, cancelled = take(), take(), take()
    expire(lost.shard_id)
    take(B)
    Shard.objects.filter(pk=cancelled.shard_id).update(status=ShardStatus.CANCELLED)
    before = Shard.objects.get(pk=mine.shard_id).lease_until
    assert renew(A, [mine, lost, cancelled], lease_s=600) == {mine.shard_id}
    assert Shard.objects.get(pk=mine.shard_id).lease_until > before + timedelta(seconds=300)


def test_a_late_holder_can_still_renew_while_nobody_took_over(start):
    start()
    held = take()
    expire(held.shard_id)
    assert renew(A, [held], lease_s=60) == {held.shard_id}


def test_who_lost_the_fence_can_neither_renew_nor_release(start):
    start()
    held = take()
    expire(held.shard_id)
    again = take(B)
    assert renew(A, [held], lease_s=60) == set()
    assert not release(held, A)
    assert Shard.objects.get().holder == B
    assert Shard.objects.get().fence == again.fence


def test_a_cancelled_run_has_nothing_to_claim(start):
    run = start(items=250)
    held = take()
    services.cancel_run(run=run)
    assert take() is None
    assert renew(A, [held], lease_s=60) == set()


def test_resuming_lets_parked_shards_go_on(start):
    run = start()
    release(take(), A, park_s=500)
    services.pause_run(run=run)
    services.resume_run(run=run)
    assert take() is not None


def test_the_worker_s_own_clock_is_never_asked(start, monkeypatch):
    """I6: an hour off here changes nothing, since leases are set and compared in the database."""
    import time

    monkeypatch.setattr(time, "time", lambda: 0.0)
    start()
    held = take()
    assert take(B) is None
    expire(held.shard_id)
    assert take(B) is not None


def test_claims_cost_few_queries(start, django_assert_max_num_queries):
    start(items=1000)
    with django_assert_max_num_queries(6):
        take()
