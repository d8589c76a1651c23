"""What every executor promises: `render` an item into an Ask, `settle` its Reply into a Result.

An item spec is a JSON object, frozen with the suite version:

    {"key": "<stable item key>", "language": "zh-Hans" | "en", "presented": <questions.kinds.Presented.as_dict()>}

Both functions are pure: the same spec, settings and repeat always give the same request, on any worker.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from workers.providers.base import Ask, Reply
from workers.providers.errors import AskError

RENDERER = 1
"""Version of how items become requests. Raise it whenever a rendered request changes; it is part of every cache key."""

ItemSpec = Mapping[str, Any]
Method = Literal["chat", "letters"]
Outcome = Literal[
    "correct", "partly", "wrong", "truncated", "empty", "refused", "invalid", "failed", "ungraded"
]
OUTCOMES: tuple[Outcome, ...] = (
    "correct",
    "partly",
    "wrong",
    "truncated",
    "empty",
    "refused",
    "invalid",
    "failed",
    "ungraded",
)


class SettingsError(ValueError):
    """Run settings that cannot work; the message names the field, the value seen and the cure."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One worked example shown before the question."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run asks, frozen with it. `as_dict` and `from_dict` are inverses through JSON.

    `seed` None sends no seed; otherwise each request's seed is derived from it, the item and the repeat. `language` ''
    asks each item in its own language. `chat_template` None is the method's habit: chat asks with messages, letters with plain
    text; False asks plain text throughout (base models), True messages throughout. `constrained`
    holds the answer to its kind's form by a grammar, where the server takes one (grammars.py). `extra` goes into the request
    body as it is.
    """

    method: Method = "chat"
    temperature: float | None = 0.0
    max_tokens: int | None = 1024
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    system_prompt: str = ""
    few_shot: tuple[Shot, ...] = ()
    seed: int | None = None
    repeats: int = 1
    language: str = ""
    chat_template: bool | None = None
    response_format: Mapping[str, Any] | None = None
    grammar: str = ""
    constrained: bool = False
    stream: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method not in ("chat", "letters"):
            raise SettingsError(f"method is {self.method!r}; choose 'chat' or 'letters'.")
        if self.repeats < 1:
            raise SettingsError(f"repeats is {self.repeats}; ask each item at least once.")
        if self.temperature is not None and not 0.0 <= self.temperature <= 2.0:
            raise SettingsError(
                f"temperature is {self.temperature}; choose 0 to 2, or None for the server's."
            )
        if self.max_tokens is not None and self.max_tokens < 1:
            raise SettingsError(
                f"max_tokens is {self.max_tokens}; choose at least 1, or None for the server's."
            )

    def as_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            **dataclasses.asdict(self),
            "stop": list(self.stop),
            "few_shot": [dataclasses.asdict(s) for s in self.few_shot],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RunSettings:
        """Read what `as_dict` wrote. Raises SettingsError on a field it does not know."""
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(set(data) - known):
            raise SettingsError(f"Unknown run settings {unknown}; known are {sorted(known)}.")
        plain = dict(data)
        plain["stop"] = tuple(plain.get("stop", ()))
        plain["few_shot"] = tuple(Shot(**shot) for shot in plain.get("few_shot", ()))
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Result:
    """What a reply is worth.

    `score` is 0 to 1, None where nothing graded it (`failed`, and `ungraded`: free text that waits for a judge). `extracted` is
    the canonical response that was graded, `evidence` a list of JSON objects saying why, `grader` who graded (`chat/1`),
    `rung` the method of grading (questions.kinds). `letter_probs` by letter, where asked. `text` is what is stored as the
    raw answer where it is not the reply's own (several replies in one).
    """

    outcome: Outcome
    score: float | None
    extracted: str = ""
    evidence: tuple[Mapping[str, Any], ...] = ()
    grader: str = ""
    rung: str = ""
    letter_probs: Mapping[str, float] | None = None
    error_class: str = ""
    text: str | None = None


class Executor(Protocol):
    """One way of asking. Stateless; one instance a process."""

    def render(self, item_spec: ItemSpec, settings: RunSettings, *, repeat: int = 0) -> Ask:
        """The request for this repeat of the item."""
        ...

    def settle(self, item_spec: ItemSpec, reply: Reply, settings: RunSettings) -> Result:
        """The worth of a reply. Never raises for anything a model can say."""
        ...


class ManyAsks(Protocol):
    """One way of asking whose items take several requests each, asked one after another and settled together."""

    def render_all(self, item_spec: ItemSpec, settings: RunSettings, *, repeat: int = 0) -> tuple[Ask, ...]:
        """The requests for this repeat of the item, at least one, always in the same order."""
        ...

    def settle_all(self, item_spec: ItemSpec, replies: Sequence[Reply], settings: RunSettings) -> Result:
        """The worth of the replies, one to each request in order. Never raises for anything a model can say."""
        ...


AnyExecutor = Executor | ManyAsks


def render_asks(
    executor: AnyExecutor, item_spec: ItemSpec, settings: RunSettings, repeat: int = 0
) -> tuple[Ask, ...]:
    """The requests of either kind of executor."""
    if hasattr(executor, "render_all"):
        return executor.render_all(item_spec, settings, repeat=repeat)
    return (executor.render(item_spec, settings, repeat=repeat),)


def settle_replies(
    executor: AnyExecutor, item_spec: ItemSpec, replies: Sequence[Reply], settings: RunSettings
) -> Result:
    """The worth of the replies, of either kind of executor."""
    if hasattr(executor, "settle_all"):
        return executor.settle_all(item_spec, replies, settings)
    return executor.settle(item_spec, replies[0], settings)


def hash_of(asks: Sequence[Ask]) -> str:
    """SHA-256 of what is asked for one item, 64 hex digits: the request's own hash where there is but one."""
    hashes = [ask.request_hash() for ask in asks]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def joined(replies: Sequence[Reply]) -> Reply:
    """Several replies as one, for the record: counts and seconds summed, the first word on everything else."""
    first = replies[0]
    if len(replies) == 1:
        return first
    return dataclasses.replace(
        first,
        finish_reason=next(
            (r.finish_reason for r in replies if r.finish_reason not in ("", "stop")), first.finish_reason
        ),
        tokens_in=_total(reply.tokens_in for reply in replies),
        tokens_out=_total(reply.tokens_out for reply in replies),
        latency_s=sum(reply.latency_s for reply in replies),
        attempts=sum(reply.attempts for reply in replies),
        from_cache=all(reply.from_cache for reply in replies),
    )


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def derived_seed(run_seed: int, item_key: str, repeat: int) -> int:
    """The seed of one request, 0 .. 2**31 - 1, equal on every machine: SHA-256 of run seed, item key and repeat."""
    digest = hashlib.sha256(f"{run_seed}|{item_key}|{repeat}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def failed_result(error: AskError) -> Result:
    """The result of an item whose request failed for good: a content filter counts as a refusal, the rest has no score."""
    if error.error_class == "content_filtered":
        return Result("refused", 0.0, evidence=({"note": error.message},), error_class=error.error_class)
    return Result("failed", None, evidence=({"note": error.message},), error_class=error.error_class)
