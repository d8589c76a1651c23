"""What can go wrong when a model is asked, as one tree of named errors.

    AskError                     verdict
    |-- Transient                retry   may well succeed if asked again
    |   |-- RateLimited          retry   429; waits as long as the server says, never counted against the item
    |   |-- ServerError          retry   5xx without a better name
    |   |-- Overloaded           retry   503, 529, "engine overloaded"
    |   |   `-- BreakerOpen      retry   not sent: our own breaker is open; never counted against the item
    |   |-- ConnectionLost       retry   refused, reset, or a body or stream cut before its end
    |   `-- DeadlineExceeded     retry   no first byte, silence, or not finished in time
    |-- Pausing                  pause   every item would meet it: the run pauses until a person acts
    |   |-- QuotaExhausted       pause   402, insufficient_quota, arrears
    |   |-- AuthRefused          pause   401, 403
    |   |-- ModelMissing         pause   404: wrong model name or wrong address
    |   `-- BudgetExhausted      pause   our own budget is spent
    `-- Final                    final   asking again would not help this item
        |-- InvalidRequest       final   400, 422: the request itself is refused
        |-- InvalidResponse      final   an answer that cannot be read; asked once more, then final
        |-- ContentFiltered      final   refused by the server's content filter
        |-- TooLarge             final   an answer above the byte cap, or a request the server calls too large
        `-- EgressRefused        final   our own guard: a forbidden address, a redirect, another host

The gateway raises nothing else (but CancelledError). What it raises carries the *settled* verdict:

- `park`: nothing wrong with the item; ask again after `retry_after` seconds, not counted against it.
- `pause`: stop the run with `error_class` as its typed reason.
- `final`: the item has failed; record `error_class` and `message`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import ClassVar, Literal

Verdict = Literal["retry", "park", "pause", "final"]
Billed = Literal["yes", "no", "possibly"]

_KEY_LIKE = re.compile(
    r"\b(?:sk|ak|pk|key|hf|gsk)[-_][A-Za-z0-9_\-.]{6,}|(?i:bearer)\s+[A-Za-z0-9_\-.~+/=]{6,}"
)
_VARIABLE = re.compile(r"[0-9a-fA-F]{8,}|\b[\w-]*\d[\w-]*\b")
MESSAGE_LIMIT = 500


class AskError(Exception):
    """The root: asking a model failed.

    Attributes: `error_class` (stable snake_case name, fit for a column), `message` (masked, at most 500 characters),
    `status` (HTTP status or None), `raw_head` (the first bytes of the answer, masked), `retry_after` (seconds or None),
    `attempts` (requests of this item that count against it), `verdict` (see the module's docstring), `billed` (whether the
    server may have charged for the work; the class's guess unless the transport knows better).
    """

    error_class: ClassVar[str] = "ask_error"
    default_verdict: ClassVar[Verdict] = "final"
    default_billed: ClassVar[Billed] = "possibly"
    max_attempts: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        raw_head: str = "",
        retry_after: float | None = None,
        billed: Billed | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        secrets = tuple(secrets)
        self.message = mask(message, secrets)[:MESSAGE_LIMIT]
        self.status = status
        self.raw_head = mask(raw_head, secrets)
        self.retry_after = retry_after
        self.billed: Billed = billed or self.default_billed
        self.attempts = 0
        self.verdict: Verdict = self.default_verdict
        super().__init__(self.message)

    @property
    def signature(self) -> str:
        """Equal for two failures of the same kind: class, status and the message without its numbers and ids."""
        plain = _VARIABLE.sub("#", self.message).lower()
        digest = hashlib.sha256(plain.encode()).hexdigest()[:12]
        return f"{self.error_class}:{self.status or 0}:{digest}"


class Transient(AskError):
    """May well succeed if asked again."""

    error_class = "transient"
    default_verdict = "retry"
    max_attempts = 6


class RateLimited(Transient):
    """The server asks for a pause; `retry_after` holds its wish in seconds, None where it gave none."""

    error_class = "rate_limited"
    default_billed = "no"


class ServerError(Transient):
    """The server failed (5xx)."""

    error_class = "server_error"


class Overloaded(Transient):
    """The server, or the breaker in front of it, says that it is over capacity."""

    error_class = "overloaded"


class BreakerOpen(Overloaded):
    """Not sent: the endpoint fails most requests just now."""

    default_billed = "no"


class ConnectionLost(Transient):
    """No connection, or one that broke before the answer was whole."""

    error_class = "connection_lost"


class DeadlineExceeded(Transient):
    """Not answered in time; the message names which deadline (first byte, idle, total)."""

    error_class = "deadline_exceeded"


class Pausing(AskError):
    """Every item would meet the same wall: a person has to act."""

    error_class = "pausing"
    default_verdict = "pause"
    default_billed = "no"


class QuotaExhausted(Pausing):
    """The account has no credit left."""

    error_class = "quota_exhausted"


class AuthRefused(Pausing):
    """The key is missing, wrong, revoked, or not allowed to use this model."""

    error_class = "auth_refused"


class ModelMissing(Pausing):
    """The address answers, but knows neither this route nor this model."""

    error_class = "model_missing"


class BudgetExhausted(Pausing):
    """The run's own budget cannot cover the next request."""

    error_class = "budget_exhausted"


class Final(AskError):
    """Asking again would not help this item."""

    error_class = "final"


class InvalidRequest(Final):
    """The server (or the provider's own check) refuses the request."""

    error_class = "invalid_request"
    default_billed = "no"


class InvalidResponse(Final):
    """An answer that cannot be read: not JSON, HTML, no choices, not a number. Asked once more, as proxies hiccup."""

    error_class = "invalid_response"
    max_attempts = 2


class ContentFiltered(Final):
    """Refused by a content filter before any text."""

    error_class = "content_filtered"


class TooLarge(Final):
    """More bytes than the target's cap, or a request the server calls too large."""

    error_class = "too_large"


class EgressRefused(Final):
    """Our own guard stopped the request before it left: a forbidden address, a redirect, a foreign host."""

    error_class = "egress_refused"
    default_billed = "no"


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with the given secrets, and whatever looks like an API key or a bearer token, replaced by `***`.

    >>> mask("Incorrect API key provided: sk-abcdef123456")
    'Incorrect API key provided: ***'
    """
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "***")
    return _KEY_LIKE.sub("***", text)
