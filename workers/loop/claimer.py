"""Claiming the next shards early enough that they fill the places the last ones' slow answers leave."""

import logging
import time

from evalhub.endpoints.secrets import SecretMissing
from evalhub.registry import BrokenEntry, UnknownEntry
from evalhub.runs.drafts import AnswerDraft
from workers import claim as claims
from workers.claim import Claim
from workers.executors.base import SettingsError
from workers.loop import control
from workers.loop.context import RunContext, load_context
from workers.loop.desk import Desk
from workers.loop.recorder import Finished
from workers.loop.shards import OpenShard, open_shard

log = logging.getLogger(__name__)
CANNOT_WORK = (SecretMissing, SettingsError, UnknownEntry, BrokenEntry)


class Claimer:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._is_claiming = False
        self._dry_until = 0.0
        self._left_out: list[int] = []  # runs the last look skipped

    @property
    def is_dry(self) -> bool:
        """The last look found nothing, it is not yet time for the next, and no run it skipped has become hungry."""
        return (
            not self._is_claiming
            and time.monotonic() < self._dry_until
            and set(self._left_out) <= set(self._fed())
        )

    @property
    def due_in(self) -> float:
        """Seconds until the next look."""
        return self._desk.pace.poll_s if self._is_claiming else max(0.0, self._dry_until - time.monotonic())

    def look_again(self) -> None:
        self._dry_until = 0.0

    def pump(self) -> None:
        desk = self._desk
        if self._is_claiming or self.is_dry or desk.is_stopping or len(desk.shards) >= desk.pace.most_shards:
            return
        self._is_claiming = True
        self._left_out = self._fed()
        desk.spawn(self._claim(self._left_out))

    def _fed(self) -> list[int]:
        return [run_id for run_id, run in self._desk.contexts.items() if self._is_fed(run)]

    def _is_fed(self, run: RunContext) -> bool:
        channel = self._desk.channels.get(run.endpoint_id)
        return channel is not None and channel.backlog >= channel.room and channel.backlog_of(run.run_id) > 0

    async def _claim(self, fed: list[int]) -> None:
        desk, found = self._desk, None
        try:
            found = await desk.lane.run(
                claim_and_open, desk.pool, desk.name, desk.pace.lease_s, fed, dict(desk.contexts)
            )
        finally:
            self._is_claiming = False
            self._dry_until = 0.0 if found else time.monotonic() + desk.pace.poll_s
        if found is not None:
            self._open(*found)

    def _open(self, shard: OpenShard, quarantined: list[AnswerDraft]) -> None:
        desk = self._desk
        desk.contexts[shard.run.run_id] = shard.run
        desk.open(shard)
        for draft in quarantined:
            desk.recorder.add(Finished(shard, draft, None))
        if desk.is_stopping:
            shard.close()


def claim_and_open(
    pool: str, holder: str, lease_s: float, skip_runs: list[int], known: dict[int, RunContext]
) -> tuple[OpenShard, list[AnswerDraft]] | None:
    """Claim a shard and read it. A run that cannot be worked on here is paused with the reason."""
    held = claims.claim(pool, holder, lease_s=lease_s, skip_runs=skip_runs)
    if held is None:
        return None
    try:
        return open_shard(held, known.get(held.run_id) or load_context(held.run_id))
    except CANNOT_WORK as error:
        _hand_back(held, holder, error)
        return None


def _hand_back(held: Claim, holder: str, error: Exception) -> None:
    reason = "key_missing" if isinstance(error, SecretMissing) else "cannot_work"
    log.warning("run %d is paused: %s", held.run_id, reason)
    control.pause(held.run_id, reason, str(error))
    claims.release(held, holder)
