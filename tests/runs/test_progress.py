"""How a live run stands, in a handful of queries."""

from datetime import timedelta

from django.db.models.functions import Now

from evalhub.runs import intents, services
from evalhub.runs.drafts import AnswerDraft, Group, IntentEnd, ItemRow, ShardPart
from evalhub.runs.intents import Planned
from evalhub.runs.models import Answer, Run
from evalhub.runs.progress import live_progress
from evalhub.runs.recording import record
from workers.claim import claim

ME = "worker-1"


def half_way(start):
    """Six of ten items planned, four of those answered: two right, one wrong, one failed."""
    run = start(items=10, endpoint={"input_price": 1.0})
    shard = claim("eval_api", ME, lease_s=60)
    rows = [ItemRow(item.id, item.key, {}, item.track) for item in run.suite_version.items.all()]
    intents.plan(
        run_id=run.pk,
        shard_id=shard.shard_id,
        fence=shard.fence,
        holder=ME,
        requests=[Planned(row.id, 0, 100) for row in rows[:6]],
        lease_s=60,
    )
    results = [
        ("correct", 1.0, ""),
        ("correct", 1.0, ""),
        ("wrong", 0.0, ""),
        ("failed", None, "server_error"),
    ]
    drafts = [AnswerDraft(row, 0, o, s, error_class=e) for row, (o, s, e) in zip(rows, results, strict=False)]
    ends = [IntentEnd(row.id, 0, 1, spent_nano=50) for row in rows[:4]]
    record(Group(run.pk, ME, [ShardPart(shard.shard_id, shard.fence, drafts, ends)], 60))
    Run.objects.update(started_at=Now() - timedelta(seconds=8))
    Answer.objects.update(created_at=Now() - timedelta(seconds=4))
    return run


def test_counts_money_errors_and_what_is_in_flight(start):
    found = live_progress(half_way(start))
    assert (found.done, found.failed, found.expected, found.settled, found.share) == (3, 1, 10, 4, 0.4)
    assert found.in_flight == 2
    assert (found.spent, found.forecast) == (200, 500)
    assert found.errors_by_class == {"server_error": 1}
    assert found.outcomes == {"correct": 2, "wrong": 1, "failed": 1}


def test_the_rate_is_recent_and_the_time_left_an_interval(start):
    found = live_progress(half_way(start))
    assert 0.8 < found.rate_per_s < 1.1  # four answers in the last four seconds
    assert 0 < found.eta_low_s < 6 / found.rate_per_s < found.eta_high_s


def test_nothing_is_known_before_the_first_answer(start):
    found = live_progress(start(items=10))
    assert (found.rate_per_s, found.eta_low_s, found.eta_high_s, found.forecast) == (None, None, None, None)
    assert (found.done, found.in_flight, found.spent) == (0, 0, 0)


def test_a_paused_run_has_no_rate(start):
    run = half_way(start)
    services.pause_run(run=run)
    found = live_progress(run)
    assert found.rate_per_s is None
    assert found.done == 3


def test_it_takes_five_queries(start, django_assert_num_queries):
    run = half_way(start)
    with django_assert_num_queries(5):
        live_progress(run)
