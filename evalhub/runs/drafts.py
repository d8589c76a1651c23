"""What a worker hands over to be recorded, as plain frozen rows. Nothing here touches the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LARGEST_INTEGER = 2_147_483_647
_LIMITS = {"extracted": 500, "finish_reason": 40, "model_reported": 200, "error_class": 60, "flags": 80}


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item as a worker needs it: its id, what is asked, and how boards cut it."""

    id: int
    key: str
    spec: Mapping[str, Any]
    track: str = ""
    topic: str = ""
    language: str = ""
    kind: str = ""
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """An answer with its grade, before it is stored. `score` 0..1, None where nothing graded it; money in nano units."""

    item: ItemRow
    repeat: int
    outcome: str
    score: float | None = None
    extracted: str = ""
    text: str = ""
    reasoning: str = ""
    finish_reason: str = ""
    letter_probs: Mapping[str, float] | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_nano: int = 0
    latency_s: float | None = None
    ttft_s: float | None = None
    requests: int = 1
    is_cached: bool = False
    model_reported: str = ""
    request_hash: str = ""
    error_class: str = ""
    error_text: str = ""
    flags: str = ""
    grader: str = ""
    rung: str = ""
    evidence: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class IntentEnd:
    """An intent that is over: how many requests left under it, and what they cost or may cost (nano units)."""

    item_id: int
    repeat: int
    requests: int
    spent_nano: int = 0


@dataclass(frozen=True, slots=True)
class ShardPart:
    """What one shard, held under `fence`, contributes to a group."""

    shard_id: int
    fence: int
    answers: Sequence[AnswerDraft] = ()
    ends: Sequence[IntentEnd] = ()
    is_last: bool = False  # the holder believes that the shard is complete; the database checks it


@dataclass(frozen=True, slots=True)
class Group:
    """Answers of one run that are written in one transaction."""

    run_id: int
    worker: str
    parts: Sequence[ShardPart]
    lease_s: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a group: rows written, shards whose fence was lost, whether the run takes no answers any more."""

    written: int = 0
    lost: frozenset[int] = field(default_factory=frozenset)
    is_closed: bool = False
    completed: frozenset[int] = field(default_factory=frozenset)
    run_is_complete: bool = False


def fit(name: str, text: str) -> str:
    """`text` as the database takes it: without NUL and lone surrogates, cut to the column's length."""
    limit = _LIMITS.get(name)
    return storable(text if limit is None else text[:limit])


def storable(text: str) -> str:
    """`text` without NUL (PostgreSQL refuses it) and lone surrogates (UTF-8 has none)."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text


def whole(number: int | None) -> int | None:
    """A count as the column takes it: servers have reported negative and absurd ones."""
    return None if number is None else max(0, min(number, LARGEST_INTEGER))
