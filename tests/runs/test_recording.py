"""I1 and I2: an answer is written once, and only by who holds the shard of a run that still takes answers."""

import pytest
from django.db import models
from django.db.models import F, Sum

from evalhub.runs import intents, services
from evalhub.runs.cells import SCORE
from evalhub.runs.drafts import AnswerDraft, Group, IntentEnd, ItemRow, ShardPart
from evalhub.runs.models import Answer, Cell, Grade, Intent, Run, RunStatus, Shard, ShardStatus
from evalhub.runs.recording import record, settle_only
from workers.claim import claim

ME = "worker-1"


def items_of(run):
    rows = run.suite_version.items.order_by("position")
    return [ItemRow(i.id, i.key, i.spec, i.track, i.topic, i.language, i.kind, i.chance) for i in rows]


def draft(item, outcome="correct", score=1.0, **fields):
    return AnswerDraft(
        item, 0, outcome, score, grader="chat/1", rung="key", evidence=({"note": "n"},), **fields
    )


def group(held, answers, *, is_last=False, ends=(), worker=ME):
    part = ShardPart(held.shard_id, held.fence, answers, ends, is_last)
    return Group(held.run_id, worker, [part], lease_s=60)


@pytest.fixture
def held(start):
    """A run of six items, its only shard claimed by us."""
    run = start(items=6, endpoint={"input_price": 1.0, "output_price": 2.0})
    return claim("eval_api", ME, lease_s=60), run, items_of(run)


def test_answers_grades_counters_and_cells_are_written_together(held):
    shard, run, items = held
    answers = [draft(items[0]), draft(items[1], "wrong", 0.0), draft(items[2], "failed", None)]
    assert record(group(shard, answers)).written == 3
    run.refresh_from_db()
    assert (run.done, run.failed) == (2, 1)
    assert Grade.objects.filter(answer__run=run).count() == 3
    score = Cell.objects.get(run=run, metric=SCORE, facet="all")
    assert (score.n, score.total, score.chance) == (2, 1.0, 0.5)
    assert dict(
        Cell.objects.filter(run=run, facet="all").exclude(metric=SCORE).values_list("metric", "total")
    ) == {
        "correct": 1,
        "wrong": 1,
        "failed": 1,
    }
    assert Cell.objects.get(run=run, metric=SCORE, facet="track", value="A").n == 1


def test_written_twice_counts_once(held):
    shard, run, items = held
    answers = [draft(item, tokens_in=10, tokens_out=5) for item in items]
    assert record(group(shard, answers)).written == 6
    assert record(group(shard, answers)).written == 0
    run.refresh_from_db()
    assert (run.done, run.tokens_in, run.tokens_out) == (6, 60, 30)
    assert Answer.objects.filter(run=run).count() == Grade.objects.count() == 6
    assert Cell.objects.get(run=run, metric=SCORE, facet="all").n == 6


def test_money_is_booked_once_however_often_a_group_is_written(held):
    shard, run, items = held
    planned = [intents.Planned(items[0].id, 0, 500)]
    assert plan(shard, planned) == 1
    ends = [IntentEnd(items[0].id, 0, requests=1, spent_nano=300)]
    for _ in range(2):
        record(group(shard, [draft(items[0])], ends=ends))
    run.refresh_from_db()
    assert (run.spent_nano, run.reserved_nano) == (300, 0)
    assert Intent.objects.get().is_settled


def test_a_lost_fence_writes_nothing(held):
    shard, run, items = held
    Shard.objects.update(fence=F("fence") + 1)
    outcome = record(group(shard, [draft(items[0])]))
    assert outcome.lost == {shard.shard_id}
    assert not Answer.objects.exists()
    run.refresh_from_db()
    assert run.done == 0


def test_another_holder_under_the_same_fence_writes_nothing(held):
    shard, run, items = held
    assert record(group(shard, [draft(items[0])], worker="worker-2")).lost == {shard.shard_id}
    assert not Answer.objects.exists()


def test_one_lost_fence_of_two_writes_nothing_of_either(start):
    run = start(items=150)
    first, second = claim("eval_api", ME, lease_s=60), claim("eval_api", ME, lease_s=60)
    items = items_of(run)
    Shard.objects.filter(pk=second.shard_id).update(fence=9)
    parts = [
        ShardPart(first.shard_id, first.fence, [draft(items[0])]),
        ShardPart(second.shard_id, second.fence, [draft(items[100])]),
    ]
    assert record(Group(run.pk, ME, parts, 60)).lost == {second.shard_id}
    assert not Answer.objects.exists()


@pytest.mark.parametrize("status", [RunStatus.CANCELLED, RunStatus.FINISHED])
def test_a_closed_run_takes_no_answers(held, status):
    shard, run, items = held
    Run.objects.update(status=status)
    assert record(group(shard, [draft(items[0])])).is_closed
    assert not Answer.objects.exists()
    assert not Cell.objects.exists()


def test_a_paused_run_keeps_what_was_in_flight(held):
    shard, run, items = held
    services.pause_run(run=run)
    assert record(group(shard, [draft(items[0])])).written == 1


def test_after_a_cancel_the_books_still_balance(held):
    shard, run, items = held
    record(group(shard, [draft(items[0]), draft(items[1], "failed", None)]))
    services.cancel_run(run=run)
    assert record(group(shard, [draft(items[2])])).lost
    run.refresh_from_db()
    assert (run.done, run.failed, run.cancelled) == (1, 1, 4)
    assert run.settled == run.expected


def test_a_refused_answer_was_still_paid_for(held):
    shard, run, items = held
    assert plan(shard, [intents.Planned(items[0].id, 0, 500)]) == 1
    services.cancel_run(run=run)
    ends = [IntentEnd(items[0].id, 0, requests=1, spent_nano=300)]
    for _ in range(2):
        settle_only(group(shard, [draft(items[0])], ends=ends))
    run.refresh_from_db()
    assert (run.spent_nano, run.reserved_nano) == (300, 0)


def test_a_shard_is_done_only_when_the_database_holds_all_its_answers(held):
    shard, run, items = held
    outcome = record(group(shard, [draft(item) for item in items[:5]], is_last=True))
    assert not outcome.completed
    assert Shard.objects.get().status == ShardStatus.OPEN
    outcome = record(group(shard, [draft(items[5])], is_last=True))
    assert outcome.completed == {shard.shard_id}
    assert outcome.run_is_complete
    assert Shard.objects.get().status == ShardStatus.DONE


def test_the_last_shard_of_several_completes_the_run(start):
    run = start(items=150)
    first, second = claim("eval_api", ME, lease_s=60), claim("eval_api", ME, lease_s=60)
    items = items_of(run)
    outcome = record(group(second, [draft(item) for item in items[100:]], is_last=True))
    assert (outcome.completed, outcome.run_is_complete) == ({second.shard_id}, False)
    assert record(group(first, [draft(item) for item in items[:100]], is_last=True)).run_is_complete


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "a\x00b\ud800c"},
        {"reasoning": "\x00"},
        {"extracted": "x" * 900},
        {"tokens_in": -5, "tokens_out": 10**15},
        {"finish_reason": "f" * 99, "model_reported": "m" * 999, "error_class": "e" * 99, "flags": "g " * 99},
        {"letter_probs": {"A": 0.5, "\x00": float("nan")}},
        {"requests": 10**6},
        {"error_text": "\x00" * 10},
    ],
)
def test_whatever_a_server_says_can_be_stored(held, fields):
    shard, run, items = held
    assert record(group(shard, [draft(items[0], **fields)])).written == 1
    answer = Answer.objects.get()
    for field in Answer._meta.get_fields():
        if isinstance(field, models.CharField):  # SQLite does not look; PostgreSQL would have refused
            assert len(getattr(answer, field.name)) <= field.max_length
    assert "\x00" not in answer.text + answer.reasoning + answer.error_text


def test_evidence_with_nul_can_be_stored(held):
    shard, run, items = held
    row = AnswerDraft(items[0], 0, "wrong", 0.0, grader="g", rung="key", evidence=({"quote": "a\x00b"},))
    assert record(group(shard, [row])).written == 1
    assert "\x00" not in Grade.objects.get().evidence[0]["quote"]


def test_a_bill_above_the_bound_is_kept_and_the_budget_holds(start):
    run = start(items=2, endpoint={"input_price": 1.0}, budget=0.000001)
    shard, items = claim("eval_api", ME, lease_s=60), items_of(run)
    assert plan(shard, [intents.Planned(items[0].id, 0, 600)]) == 1
    ends = [IntentEnd(items[0].id, 0, requests=1, spent_nano=5000)]
    assert record(group(shard, [draft(items[0], cost_nano=5000)], ends=ends)).written == 1
    run.refresh_from_db()
    assert run.spent_nano + run.reserved_nano <= run.budget_nano == 1000
    assert run.spent_nano == 1000
    assert Answer.objects.aggregate(total=Sum("cost_nano"))["total"] == 5000


def test_recording_renews_the_lease(held):
    shard, run, items = held
    Shard.objects.update(lease_until="2020-01-01T00:00:00Z")
    record(group(shard, [draft(items[0])]))
    assert Shard.objects.get().lease_until.year > 2020


def plan(shard, requests):
    return intents.plan(
        run_id=shard.run_id,
        shard_id=shard.shard_id,
        fence=shard.fence,
        holder=ME,
        requests=requests,
        lease_s=60,
    )
