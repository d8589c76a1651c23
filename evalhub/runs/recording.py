"""Answers into rows: one transaction a group, which proves every shard's fence and that the run still takes answers (I2).

Written by hand in SQL that SQLite and PostgreSQL share: at 2 000 answers a second the ORM's row objects are most of the cost.
Order of locks in every such transaction: shards by id, answers, intents, the run, cells by name. Cancelling keeps to it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import connection, transaction

from evalhub.runs import cells
from evalhub.runs.clock import ahead_sql, now_sql
from evalhub.runs.drafts import AnswerDraft, Group, Recorded, ShardPart, fit, storable, whole

_COLUMNS = (
    "run_id, item_id, repeat, outcome, score, extracted, text, reasoning, finish_reason, letter_probs, tokens_in, "
    "tokens_out, cost_nano, latency_s, ttft_s, requests, is_cached, model_reported, request_hash, error_class, "
    "error_text, flags, worker"
)
_ROW = "(" + ", ".join(["%s"] * (_COLUMNS.count(",") + 1))
_SMALLINT = 32_767
_QUARANTINED, _FAILED = "quarantined", "failed"


class _RunClosed(Exception):
    """The run was cancelled or finished meanwhile: the transaction must leave nothing."""


def record(group: Group) -> Recorded:
    """Write a group, or tell why not: with a lost fence nothing of it is written, and the caller drops that shard's part."""
    try:
        with transaction.atomic():
            lost = _unproven(group)
            if lost:
                return Recorded(lost=frozenset(lost))
            return _write(group)
    except _RunClosed:
        return Recorded(is_closed=True)


def settle_only(group: Group) -> None:
    """Account for what a refused group cost: its answers are dropped, its bills are not."""
    with transaction.atomic(), connection.cursor() as cursor:
        spent, freed = _settle_intents(cursor, group.parts)
        cursor.execute(_MONEY_SQL, [freed, freed, spent, spent, freed, group.run_id])


def _unproven(group: Group) -> list[int]:
    """Shards of the group that somebody else holds now; the others' rows are locked and their leases renewed."""
    lost = []
    with connection.cursor() as cursor:
        for part in sorted(group.parts, key=lambda part: part.shard_id):
            cursor.execute(
                f"UPDATE runs_shard SET lease_until = {ahead_sql(group.lease_s)} "  # noqa: S608  a number of ours, no text
                "WHERE id = %s AND fence = %s AND status = 'open' AND holder = %s",
                [part.shard_id, part.fence, group.worker],
            )
            if cursor.rowcount == 0:  # its lease ran out and another claimed it, or the run was cancelled
                lost.append(part.shard_id)
    return lost


def _write(group: Group) -> Recorded:
    drafts = [draft for part in group.parts for draft in part.answers]
    with connection.cursor() as cursor:
        new = _insert_answers(cursor, group, drafts) if drafts else []
        if new:
            _insert_grades(cursor, new)
        money = _settle_intents(cursor, group.parts)
        _raise_counters(cursor, group, [draft for _, draft in new], money)
        cells.raise_by(cursor, group.run_id, [draft for _, draft in new])
        completed = frozenset(
            part.shard_id for part in group.parts if part.is_last and _complete(cursor, part, group.run_id)
        )
        is_complete = bool(completed) and not _has_open_shards(cursor, group.run_id)
    return Recorded(len(new), completed=completed, run_is_complete=is_complete)


def _insert_answers(
    cursor: Any, group: Group, drafts: Sequence[AnswerDraft]
) -> list[tuple[int, AnswerDraft]]:
    """Insert what is not there yet; returns (id, draft) of the new rows only, so that nothing is counted twice."""
    row = f"{_ROW}, {now_sql()})"
    statement = (
        f"INSERT INTO runs_answer ({_COLUMNS}, created_at) VALUES {', '.join([row] * len(drafts))} "  # noqa: S608
        "ON CONFLICT (run_id, item_id, repeat) DO NOTHING RETURNING id, item_id, repeat"
    )
    values: list[Any] = []
    for draft in drafts:
        values += _answer_values(group, draft)
    cursor.execute(statement, values)
    by_key = {(draft.item.id, draft.repeat): draft for draft in drafts}
    return [(answer_id, by_key[item_id, repeat]) for answer_id, item_id, repeat in cursor.fetchall()]


def _answer_values(group: Group, draft: AnswerDraft) -> tuple[Any, ...]:
    return (
        group.run_id,
        draft.item.id,
        draft.repeat,
        draft.outcome,
        draft.score,
        fit("extracted", draft.extracted),
        storable(draft.text),
        storable(draft.reasoning),
        fit("finish_reason", draft.finish_reason),
        None if draft.letter_probs is None else _json(dict(draft.letter_probs)),
        whole(draft.tokens_in),
        whole(draft.tokens_out),
        draft.cost_nano,
        draft.latency_s,
        draft.ttft_s,
        min(draft.requests, _SMALLINT),
        draft.is_cached,
        fit("model_reported", draft.model_reported),
        draft.request_hash,
        fit("error_class", draft.error_class),
        storable(draft.error_text),
        fit("flags", draft.flags),
        group.worker,
    )


def _insert_grades(cursor: Any, new: Iterable[tuple[int, AnswerDraft]]) -> None:
    graded = [
        (answer_id, draft.grader, draft.rung, draft.outcome, draft.score, _json(list(draft.evidence)))
        for answer_id, draft in new
        if draft.grader
    ]
    if not graded:
        return
    row = f"(%s, %s, %s, %s, %s, %s, {now_sql()})"
    cursor.execute(
        "INSERT INTO runs_grade (answer_id, grader, rung, outcome, score, evidence, created_at) "  # noqa: S608
        f"VALUES {', '.join([row] * len(graded))} ON CONFLICT (answer_id, grader) DO NOTHING",
        [value for grade in graded for value in grade],
    )


def _settle_intents(cursor: Any, parts: Iterable[ShardPart]) -> tuple[int, int]:
    """Settle the parts' intents; what they cost and what they had reserved, in nano units.

    Counted are only those not settled yet: a group may be written twice where a commit's fate was unknown.
    """
    spent, freed = 0, 0
    for part in parts:
        if not part.ends:
            continue
        cursor.execute(_UNSETTLED_SQL.format(false=_false()), [part.shard_id, part.fence])
        open_ones = {(item_id, repeat): reserved for item_id, repeat, reserved in cursor.fetchall()}
        ending: dict[int, list[int]] = {}
        for end in part.ends:
            if (end.item_id, end.repeat) in open_ones:
                spent += end.spent_nano
                freed += open_ones[end.item_id, end.repeat]
                ending.setdefault(min(end.requests, _SMALLINT), []).extend((end.item_id, end.repeat))
        for requests, keys in ending.items():  # nearly always one: most are answered at the first request
            pairs = ", ".join(["(%s, %s)"] * (len(keys) // 2))
            statement = _SETTLE_SQL.format(true=_true(), pairs=pairs)
            cursor.execute(statement, [requests, part.shard_id, part.fence, *keys])
    return spent, freed


def _raise_counters(cursor: Any, group: Group, new: Sequence[AnswerDraft], money: tuple[int, int]) -> None:
    failed = sum(draft.outcome == _FAILED for draft in new)
    quarantined = sum(draft.outcome == _QUARANTINED for draft in new)
    spent, freed = money
    cursor.execute(
        _COUNTERS_SQL,
        [
            len(new) - failed - quarantined,
            failed,
            quarantined,
            sum(whole(draft.tokens_in) or 0 for draft in new if not draft.is_cached),
            sum(whole(draft.tokens_out) or 0 for draft in new if not draft.is_cached),
            *(freed, freed, spent, spent, freed),
            group.run_id,
        ],
    )
    if cursor.rowcount == 0:  # cancelled or finished while we were asking
        raise _RunClosed


def _complete(cursor: Any, part: ShardPart, run_id: int) -> bool:
    """Close the shard if the database holds every answer of it; what the holder believes is not enough (I1)."""
    cursor.execute(_COMPLETE_SQL, [part.shard_id, part.fence, run_id])
    return bool(cursor.rowcount)


def _has_open_shards(cursor: Any, run_id: int) -> bool:
    cursor.execute("SELECT 1 FROM runs_shard WHERE run_id = %s AND status = 'open' LIMIT 1", [run_id])
    return cursor.fetchone() is not None


def _json(value: Any) -> str:
    return orjson.dumps(value).decode().replace("\\u0000", "\\ufffd")


def _true() -> str:
    return "1" if connection.vendor == "sqlite" else "TRUE"


def _false() -> str:
    return "0" if connection.vendor == "sqlite" else "FALSE"


_UNSETTLED_SQL = "SELECT item_id, repeat, reserved_nano FROM runs_intent WHERE shard_id = %s AND fence = %s AND is_settled = {false}"
_SETTLE_SQL = (
    "UPDATE runs_intent SET is_settled = {true}, requests = %s "
    "WHERE shard_id = %s AND fence = %s AND (item_id, repeat) IN (VALUES {pairs})"
)


_MONEY_SET = (
    "reserved_nano = reserved_nano - %s, "
    # A server that bills more than the bound we reserved must not stop its answers from being kept: the excess shows in
    # the answers' own costs, and the budget counts as spent.
    "spent_nano = CASE WHEN budget_nano IS NULL OR spent_nano + reserved_nano - %s + %s <= budget_nano "
    "THEN spent_nano + %s ELSE budget_nano - reserved_nano + %s END"
)
_MONEY_SQL = f"UPDATE runs_run SET {_MONEY_SET} WHERE id = %s"  # noqa: S608
_COUNTERS_SQL = (
    "UPDATE runs_run SET done = done + %s, failed = failed + %s, quarantined = quarantined + %s, "  # noqa: S608
    f"tokens_in = tokens_in + %s, tokens_out = tokens_out + %s, {_MONEY_SET} "
    "WHERE id = %s AND status IN ('queued', 'running', 'paused')"
)
_COMPLETE_SQL = """
UPDATE runs_shard SET status = 'done', holder = '', lease_until = NULL
WHERE id = %s AND fence = %s AND status = 'open' AND (last - first + 1) * (SELECT repeats FROM runs_run r WHERE r.id = run_id) = (
    SELECT COUNT(*) FROM runs_answer a JOIN suites_item i ON i.id = a.item_id
    WHERE a.run_id = %s AND i.version_id = (SELECT suite_version_id FROM runs_run r WHERE r.id = runs_shard.run_id)
      AND i.position BETWEEN runs_shard.first AND runs_shard.last
)"""
