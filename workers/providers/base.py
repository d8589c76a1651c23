"""The words between those who ask (executors, claim loop), the gateway and the providers.

`Target` is where to ask, `Ask` what is asked, `Reply` what came back. A provider turns an Ask into HTTP calls and
their answers into a Reply; it sends nothing itself: the gateway hands it `send`, so that every byte passes one guard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol

import orjson

from workers.providers.errors import InvalidRequest

AskKind = Literal["chat", "completion", "letters", "loglikelihood"]
Message = Mapping[str, Any]
"""One chat message as the wire has it: `{"role": ..., "content": ...}`."""

MEBIBYTE = 1024 * 1024
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long one request may take, in seconds, and how many bytes its answer may have."""

    total_s: float = 120.0
    connect_s: float = 10.0
    first_byte_s: float = 100.0
    idle_s: float = 60.0
    max_bytes: int = 8 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard an endpoint may be pressed.

    Concurrency starts at `start`, doubles each clean round until the first 429 (`slow_start`), then is cut by 0.8 once
    per 429 episode and grows by 5 % a clean round, within `lowest..highest`. None means no limit per minute.
    """

    start: int = 8
    lowest: int = 1
    highest: int = 256
    slow_start: bool = True
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None

    @classmethod
    def fixed(cls, concurrency: int) -> Limits:
        """Exactly this many in flight from the first request on, fewer only after a 429."""
        return cls(start=concurrency, highest=concurrency)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to ask: one endpoint, as the database row and its decrypted secret describe it.

    `base_url` is the address as users know it (`https://api.openai.com/v1`). `quirks` are a preset's peculiarities (see
    presets.py). `allow_private` lets every address through; `allowed_networks` (CIDR) only those named by an admin.
    """

    provider: str
    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    quirks: Mapping[str, Any] = field(default_factory=dict)
    deadlines: Deadlines = Deadlines()
    limits: Limits = Limits()
    allow_private: bool = False
    allowed_networks: tuple[str, ...] = ()

    @property
    def limit_key(self) -> str:
        """What shares one rate limit: provider, address, key (hashed) and model."""
        secret = hashlib.sha256(self.api_key.encode()).hexdigest()[:12] if self.api_key else "-"
        return f"{self.provider}|{self.base_url.rstrip('/')}|{secret}|{self.model}"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked, provider-neutral.

    kind `chat` reads `messages`; `completion` reads `prompt`; `letters` wants the probability of each of `letters`, each
    written exactly as it would follow (`" A"`), after `prompt` or `messages`; `loglikelihood` wants that of `continuation` after
    `prompt`. `max_tokens` None leaves the length to the server. `extra` goes into the request body as it is.
    """

    kind: AskKind
    messages: tuple[Message, ...] = ()
    prompt: str = ""
    letters: tuple[str, ...] = ()
    continuation: str = ""
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    response_format: Mapping[str, Any] | None = None
    grammar: str = ""
    stream: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def canonical(self) -> bytes:
        """Stable bytes of everything that can change the answer: sorted keys, defaults left out, `stream` ignored.

        Raises InvalidRequest for what JSON cannot say (a lone surrogate, an integer beyond 64 bits).
        """
        content = {
            name: dict(value) if isinstance(value, Mapping) else value
            for name in _CANONICAL_FIELDS
            if (value := getattr(self, name)) is not None and value != "" and len_or_one(value)
        }
        try:
            return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError as error:
            raise InvalidRequest(
                f"The request cannot be written as JSON: {error}. Clean the item's text."
            ) from None

    def request_hash(self) -> str:
        """SHA-256 of `canonical()`, 64 hex digits."""
        return hashlib.sha256(self.canonical()).hexdigest()


_CANONICAL_FIELDS = (
    "kind",
    "messages",
    "prompt",
    "letters",
    "continuation",
    "max_tokens",
    "temperature",
    "top_p",
    "stop",
    "seed",
    "response_format",
    "grammar",
    "extra",
)


def len_or_one(value: Any) -> int:
    """The length of a container, 1 for a scalar: 0 marks what may be left out."""
    return len(value) if isinstance(value, (tuple, list, Mapping)) else 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    `text` has no reasoning in it; `reasoning` has. `finish_reason` is the server's word (`stop`, `length`,
    `content_filter` ...), `length` also where the reasoning never ended. Token counts are None where the server told none.
    `letter_probs` sums to 1 over the letters found, by the letter without its space; `notes` holds what a reader must know
    (letters missing, engine). `logprob` is in nats. `latency_s` is of the last attempt, `ttft_s` only where streamed.
    """

    text: str
    reasoning: str = ""
    finish_reason: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    letter_probs: Mapping[str, float] | None = None
    logprob: float | None = None
    is_greedy: bool | None = None
    model_reported: str = ""
    fingerprint: str = ""
    latency_s: float = 0.0
    ttft_s: float | None = None
    raw_head: str = ""
    attempts: int = 1
    from_cache: bool = False
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request a provider wants sent: a full URL on the target's own host, and its JSON body (None for GET)."""

    url: str
    body: Mapping[str, Any] | None = None
    method: Literal["GET", "POST"] = "POST"
    stream: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer, whole, whatever its status.

    `headers` have lower-case names. `latency_s` runs from the first byte out to the last byte in. For streams `events`
    holds the data of each server-sent event with its time in seconds since the request left.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    latency_s: float = 0.0
    events: tuple[tuple[float, bytes], ...] = ()


Send = Callable[[HttpCall], Awaitable[HttpAnswer]]
"""Sends one call through the gateway's guard; raises an AskError for anything short of an HTTP answer."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do: `letters` is `exact` (all letters scored), `partial` (top-k only) or `none`."""

    chat: bool = True
    completion: bool = False
    letters: Literal["exact", "partial", "none"] = "none"
    loglikelihood: bool = False
    streaming: bool = False
    seed: bool = True
    network: bool = True


class Provider(Protocol):
    """Speaks to one kind of endpoint. Stateless but for caches of facts about the server; one instance a process."""

    capabilities: Capabilities

    async def ask(self, send: Send, target: Target, ask: Ask) -> Reply:
        """Ask once. Raises an AskError; never retries (the gateway does)."""
        ...
