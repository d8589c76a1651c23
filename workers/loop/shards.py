"""A shard while it is open in a worker: what is still to be asked, planned, in flight and recorded."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson
from django.db import connection

from evalhub.runs import intents
from evalhub.runs.drafts import AnswerDraft, IntentEnd, ItemRow
from evalhub.runs.models import Answer
from workers.claim import Claim
from workers.loop.context import RunContext
from workers.providers.base import Ask

DEADLY = 3  # deaths of workers with the same item in flight: it is quarantined
SUSPECT = DEADLY - 1  # then it is asked alone, so that the last death leaves no doubt whose it was

_ITEMS_SQL = """
SELECT id, key, spec, track, topic, language, kind, chance FROM suites_item
WHERE version_id = %s AND position BETWEEN %s AND %s ORDER BY position
"""


@dataclass(slots=True, eq=False)
class Slot:
    """One answer to be had: an item and a repeat, with what asking for it has reserved and cost (nano units)."""

    item: ItemRow
    repeat: int
    deaths: int = 0
    asks: tuple[Ask, ...] = ()
    request_hash: str = ""
    bound_nano: int = 0
    reserved_nano: int = 0
    spent_nano: int = 0
    cost_nano: int = 0
    requests: int = 0
    is_out: bool = False  # bytes may be on the wire
    was_cut: bool = False  # cut off by us with bytes on the wire: its intent stays open
    must_stop: bool = False  # no further request may leave
    task: "asyncio.Task[AnswerDraft | None] | None" = None

    def planned(self) -> intents.Planned:
        return intents.Planned(self.item.id, self.repeat, self.bound_nano)

    def end(self) -> IntentEnd:
        return IntentEnd(self.item.id, self.repeat, self.requests, self.spent_nano)


@dataclass(slots=True, eq=False)
class OpenShard:
    """A claimed shard. `closing`: it is given back as soon as nothing of it is in flight; `lost`: it is not ours any more."""

    claim: Claim
    run: RunContext
    todo: deque[Slot]
    suspects: deque[Slot] = field(default_factory=deque)
    planned: deque[Slot] = field(default_factory=deque)
    active: set[Slot] = field(default_factory=set)
    unrecorded: int = 0
    planning: int = 0
    closing: bool = False
    lost: bool = False
    park_s: float = 0.0

    @property
    def shard_id(self) -> int:
        return self.claim.shard_id

    @property
    def waiting(self) -> int:
        """What no request has left for yet."""
        return len(self.todo) + len(self.planned) + len(self.suspects)

    @property
    def is_asked(self) -> bool:
        """Nothing is left to ask, and nothing in flight."""
        return not (self.waiting or self.active or self.planning)

    @property
    def is_quiet(self) -> bool:
        """Nothing in flight, nothing on its way to the database."""
        return not (self.active or self.unrecorded or self.planning)

    def close(self, park_s: float = 0.0) -> None:
        """Ask nothing more; what is in flight is finished, what only waits is called back."""
        self.closing = True
        self.park_s = max(self.park_s, park_s)
        self.todo.clear()
        self.suspects.clear()
        stop(self.active)

    def lose(self) -> None:
        """The fence is another's now, or the run is over."""
        self.lost = True
        self.close()
        self.planned.clear()


def stop(slots: Iterable[Slot]) -> None:
    """Let what is on the wire finish, and call back what waits for its turn or for a retry."""
    for slot in slots:
        slot.must_stop = True
        if not slot.is_out and slot.task is not None:
            slot.task.cancel()


def open_shard(claim: Claim, run: RunContext) -> tuple[OpenShard, list[AnswerDraft]]:
    """Read what of the shard is not answered yet, and the answers of items that must be quarantined."""
    items = _items(claim, run)
    answered = set(
        Answer.objects.filter(run=run.run_id, item__in=[item.id for item in items]).values_list(
            "item_id", "repeat"
        )
    )
    deaths = intents.deaths_by_item(claim.shard_id, claim.fence) if claim.fence > 1 else {}
    slots = [
        Slot(item, repeat, deaths.get((item.id, repeat), 0))
        for item in items
        for repeat in range(run.repeats)
        if (item.id, repeat) not in answered
    ]
    shard = OpenShard(claim, run, deque(slot for slot in slots if slot.deaths < SUSPECT))
    shard.suspects.extend(slot for slot in slots if slot.deaths == SUSPECT)
    return shard, [_quarantined(slot) for slot in slots if slot.deaths >= DEADLY]


def _items(claim: Claim, run: RunContext) -> list[ItemRow]:
    """By hand: the ORM's JSON fields took most of a claim."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS_SQL, [run.suite_version_id, claim.first, claim.last])
        return [ItemRow(pk, key, orjson.loads(spec), *cuts) for pk, key, spec, *cuts in cursor.fetchall()]


def _quarantined(slot: Slot) -> AnswerDraft:
    return AnswerDraft(
        slot.item,
        slot.repeat,
        "quarantined",
        requests=0,
        error_class="worker_died",
        error_text=f"{slot.deaths} workers died while this item was in flight, the last of them with nothing else.",
    )
