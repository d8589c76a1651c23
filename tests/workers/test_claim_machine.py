"""A state machine over claim, renew, plan, write, expire, release, pause, resume and cancel, with three workers who know only what they
were told: whatever the order, the invariants hold after every step.
"""

from datetime import timedelta
from itertools import count

import pytest
from django.db.models import Sum
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.world import new_run
from evalhub.errors import NotReady
from evalhub.runs import intents, services
from evalhub.runs.cells import SCORE
from evalhub.runs.drafts import AnswerDraft, Group, IntentEnd, ItemRow, ShardPart
from evalhub.runs.finish import finish_run
from evalhub.runs.intents import Planned
from evalhub.runs.models import Answer, Cell, Intent, Run, RunStatus, Shard, ShardStatus
from evalhub.runs.recording import record, settle_only
from workers.claim import claim, release, renew

WORKERS = st.sampled_from(["worker-a", "worker-b", "worker-c"])
OUTCOMES = st.sampled_from(
    [("correct", 1.0), ("wrong", 0.0), ("partly", 0.5), ("failed", None), ("quarantined", None)]
)
PER_SHARD = 4
BOUND, COST = 100, 60
_pools = count()


class Claims(RuleBasedStateMachine):
    """Eight items in two shards; a budget that covers some twenty requests."""

    def __init__(self):
        super().__init__()
        self.pool = f"pool-{next(_pools)}"
        self.run = new_run(8, endpoint={"input_price": 1.0}, budget=BOUND * 20 / 1e9)
        Run.objects.filter(pk=self.run.pk).update(pool=self.pool)
        self.run.shards.all().delete()
        for index in range(2):
            Shard.objects.create(
                run=self.run, index=index, first=index * PER_SHARD, last=(index + 1) * PER_SHARD - 1
            )
        rows = self.run.suite_version.items.order_by("position")
        self.items = [ItemRow(i.id, i.key, {}, i.track, i.topic, i.language, i.kind, i.chance) for i in rows]
        self.held = {name: [] for name in ("worker-a", "worker-b", "worker-c")}
        self.planned = {}  # (worker, shard, fence) -> items with an intent of ours
        self.asked = {}  # (shard, fence) -> ids of items that ever had an intent under it
        self.accepted = {}  # item -> outcome of the one accepted answer
        for name in self.held:
            self.claim(name)

    def fence_of(self, shard_id):
        return Shard.objects.get(pk=shard_id).fence

    @rule(worker=WORKERS)
    def claim(self, worker):
        found = claim(self.pool, worker, lease_s=60)
        if found is not None:
            assert Run.objects.get(pk=self.run.pk).status == RunStatus.RUNNING
            given = [h.fence for held in self.held.values() for h in held if h.shard_id == found.shard_id]
            assert found.fence == self.fence_of(found.shard_id) > max(given, default=0)
            self.held[worker].append(found)

    @precondition(lambda self: any(self.held.values()))
    @rule(worker=WORKERS, shard=st.integers(0, 1))
    def take_over(self, worker, shard):
        """A lease runs out and another claims the shard, while the old holder knows nothing of it."""
        self.expire_lease(shard)
        self.claim(worker)

    @precondition(lambda self: any(self.held.values()))
    @rule(worker=WORKERS)
    def renew(self, worker):
        kept = renew(worker, self.held[worker], lease_s=60)
        rows = {row.pk: row for row in Shard.objects.filter(run=self.run)}
        for held in self.held[worker]:
            row = rows[held.shard_id]
            is_mine = row.status == ShardStatus.OPEN and (row.fence, row.holder) == (held.fence, worker)
            assert not is_mine or held.shard_id in kept

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data())
    def plan(self, data):
        worker = data.draw(st.sampled_from([name for name, held in self.held.items() if held]))
        held = data.draw(st.sampled_from(self.held[worker]))
        mine = self.planned.setdefault((worker, held.shard_id, held.fence), [])
        asked = self.asked.setdefault((held.shard_id, held.fence), set())  # a loop asks an item once a fence
        items = [i for i in self.items[held.first : held.last + 1] if i.id not in asked]
        wanted = (
            data.draw(st.lists(st.sampled_from(items), min_size=1, unique_by=lambda i: i.id)) if items else []
        )
        if wanted:
            count = intents.plan(
                run_id=self.run.pk,
                shard_id=held.shard_id,
                fence=held.fence,
                holder=worker,
                requests=[Planned(item.id, 0, BOUND) for item in wanted],
                lease_s=60,
            )
            assert count is None or self.fence_of(held.shard_id) == held.fence
            mine += wanted[: count or 0]
            asked.update(item.id for item in wanted[: count or 0])

    @precondition(lambda self: self.writable())
    @rule(data=st.data(), outcome=OUTCOMES, twice=st.booleans())
    def write(self, data, outcome, twice):
        worker, held = data.draw(st.sampled_from(self.writable()))
        mine = self.planned[worker, held.shard_id, held.fence]
        items = data.draw(st.lists(st.sampled_from(mine), min_size=1, unique_by=lambda item: item.id))
        for item in items:
            mine.remove(item)
        self.write_group(worker, held, items, outcome, twice)

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), outcome=OUTCOMES)
    def plan_and_write(self, data, outcome):
        self.plan(data)
        if self.writable():
            self.write(data, outcome, twice=False)

    def write_group(self, worker, held, items, outcome, twice):
        drafts = [AnswerDraft(item, 0, *outcome, grader="g", rung="key") for item in items]
        ends = [IntentEnd(item.id, 0, 1, COST) for item in items]
        group = Group(
            self.run.pk, worker, [ShardPart(held.shard_id, held.fence, drafts, ends, is_last=True)], 60
        )
        shard, run = Shard.objects.get(pk=held.shard_id), Run.objects.get(pk=self.run.pk)
        may_write = (shard.status, shard.fence, shard.holder) == (
            ShardStatus.OPEN,
            held.fence,
            worker,
        ) and run.is_open
        result = record(group)
        assert bool(result.lost or result.is_closed) is not may_write
        if may_write:
            assert result.written == len([item for item in items if item.id not in self.accepted])
            for item in items:
                self.accepted.setdefault(item.id, outcome[0])
        else:
            settle_only(group)
        if twice:
            assert record(group).written == 0
            settle_only(group)

    def writable(self):
        """(worker, claim) pairs with something to write, still held or not."""
        return [
            (worker, held)
            for worker, claims in self.held.items()
            for held in claims
            if self.planned.get((worker, held.shard_id, held.fence))
        ]

    @precondition(lambda self: any(self.held.values()))
    @rule(worker=WORKERS, data=st.data())
    def release(self, worker, data):
        if self.held[worker]:
            held = self.held[worker].pop(data.draw(st.integers(0, len(self.held[worker]) - 1)))
            mine = self.planned.pop((worker, held.shard_id, held.fence), [])
            intents.drop(
                run_id=self.run.pk,
                shard_id=held.shard_id,
                fence=held.fence,
                requests=[Planned(item.id, 0, BOUND) for item in mine],
            )
            release(held, worker)

    def expire_lease(self, shard):
        Shard.objects.filter(run=self.run, index=shard).exclude(lease_until=None).update(
            lease_until=Now() - timedelta(seconds=1)
        )

    @rule()
    def pause_or_resume(self):
        is_paused = Run.objects.get(pk=self.run.pk).status == RunStatus.PAUSED
        self.quietly(services.resume_run if is_paused else services.pause_run)

    @precondition(lambda self: len(self.accepted) >= PER_SHARD)
    @rule(dice=st.integers(0, 4))
    def cancel(self, dice):
        if dice == 0:
            self.quietly(services.cancel_run)

    @precondition(lambda self: {"failed", "quarantined"} & set(self.accepted.values()))
    @rule()
    def retry_failed(self):
        before = set(Answer.objects.filter(run=self.run).values_list("item", flat=True))
        self.quietly(services.retry_failed)
        for item in before - set(Answer.objects.filter(run=self.run).values_list("item", flat=True)):
            assert self.accepted.pop(item) in ("failed", "quarantined")

    @precondition(lambda self: len(self.accepted) >= PER_SHARD)
    @rule()
    def finish(self):
        finish_run(self.run.pk)

    def quietly(self, service):
        try:
            service(run=self.run)
        except NotReady:
            return

    def teardown(self):
        self.quietly(services.cancel_run)
        self.every_item_has_at_most_one_answer_and_ended_runs_have_all()

    @invariant()
    def every_item_has_at_most_one_answer_and_ended_runs_have_all(self):
        run = Run.objects.get(pk=self.run.pk)
        answers = dict(Answer.objects.filter(run=run).values_list("item", "outcome"))
        assert answers == self.accepted  # no answer was ever changed, lost, or accepted from a stale holder
        counts = list(answers.values())
        assert (run.failed, run.quarantined) == (counts.count("failed"), counts.count("quarantined"))
        assert run.done + run.failed + run.quarantined == len(answers)
        if run.status in (RunStatus.FINISHED, RunStatus.CANCELLED):
            assert run.settled == run.expected
        else:
            assert run.cancelled == 0

    @invariant()
    def the_budget_holds_and_equals_the_journal(self):
        run = Run.objects.get(pk=self.run.pk)
        assert run.spent_nano + run.reserved_nano <= run.budget_nano
        unsettled = Intent.objects.filter(run=run, is_settled=False).aggregate(total=Sum("reserved_nano"))
        assert run.reserved_nano == (unsettled["total"] or 0)
        assert run.spent_nano == COST * Intent.objects.filter(run=run, is_settled=True).count()

    @invariant()
    def cells_equal_the_answers(self):
        run = Run.objects.get(pk=self.run.pk)
        cell = Cell.objects.filter(run=run, metric=SCORE, facet="all").first()
        scores = list(Answer.objects.filter(run=run).exclude(score=None).values_list("score", flat=True))
        assert (cell.n if cell else 0, cell.total if cell else 0) == (len(scores), sum(scores))


@pytest.mark.django_db
def test_the_invariants_hold_whatever_the_order():
    run_state_machine_as_test(
        Claims,
        settings=settings(
            max_examples=25,
            stateful_step_count=35,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
