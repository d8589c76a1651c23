"""What to do after a failure: ask again after a while, hand the item back for later, pause the run, or give up. Pure.

Full jitter (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015) between 1 s and a doubling cap of 60 s.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from workers.providers.errors import AskError, Final, Pausing, RateLimited, Verdict


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient the gateway is.

    Attempts and seconds are per item; a wait longer than `patience_s` is handed back as `park`, so that a worker does not
    hold an item it cannot work on. `equal_failures` of one signature are final while other items succeed.
    """

    attempts: int = 6
    item_s: float = 900.0
    shortest_s: float = 1.0
    longest_s: float = 60.0
    equal_failures: int = 5
    patience_s: float = 30.0


@dataclass(slots=True)
class Effort:
    """What has been tried for one item in this call. `successes_before` is the lane's count when the item came."""

    started_at: float
    attempts: int = 0
    pauses: int = 0
    successes_before: int = 0
    signatures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The settled verdict, and for `retry` and `park` the seconds to wait."""

    verdict: Verdict
    wait_s: float = 0.0


def decide(
    policy: RetryPolicy,
    effort: Effort,
    error: AskError,
    *,
    now: float,
    successes: int,
    is_down: bool,
    rng: random.Random,
) -> Decision:
    """What follows from `error`; the effort already counts it (see `note`). Times in seconds of one monotonic clock.

    `successes` is the lane's count now; `is_down` says that the breaker is open: an item out of attempts is then not at
    fault, so the run pauses instead of losing it.
    """
    if isinstance(error, Pausing):
        return Decision("pause")
    if isinstance(error, RateLimited):
        return _after_rate_limit(policy, effort, error, now=now, rng=rng)
    if isinstance(error, Final) and effort.attempts >= error.max_attempts:
        return Decision("final")
    given_up: Verdict = "pause" if is_down else "final"
    if effort.attempts >= policy.attempts:
        return Decision(given_up)
    if _is_deterministic(policy, effort, error, successes):
        return Decision("final")
    wait = _waiting(policy, effort.attempts, error, rng)
    if now - effort.started_at + wait > policy.item_s:
        return Decision(given_up)
    return Decision("park" if wait > policy.patience_s and error.retry_after is not None else "retry", wait)


def note(effort: Effort, error: AskError) -> None:
    """Count one failure. Rate limits are the endpoint's affair and never count against the item."""
    if isinstance(error, RateLimited):
        effort.pauses += 1
    else:
        effort.attempts += 1
        signature = error.signature
        effort.signatures[signature] = effort.signatures.get(signature, 0) + 1


def jitter(policy: RetryPolicy, attempt: int, rng: random.Random) -> float:
    """Seconds before the next try after `attempt` failures: uniform from the shortest wait to a cap that doubles."""
    cap = min(policy.longest_s, policy.shortest_s * 2 ** min(attempt, 16))
    return rng.uniform(policy.shortest_s, max(cap, policy.shortest_s))


def _waiting(policy: RetryPolicy, attempt: int, error: AskError, rng: random.Random) -> float:
    wait = jitter(policy, attempt, rng)
    return wait if error.retry_after is None else max(wait, error.retry_after)


def _is_deterministic(policy: RetryPolicy, effort: Effort, error: AskError, successes: int) -> bool:
    """The same failure again and again while other items of the same endpoint succeed: it is the item."""
    return (
        effort.signatures.get(error.signature, 0) >= policy.equal_failures
        and successes > effort.successes_before
    )


def _after_rate_limit(
    policy: RetryPolicy, effort: Effort, error: RateLimited, *, now: float, rng: random.Random
) -> Decision:
    wait = (
        jitter(policy, effort.pauses, rng)
        if error.retry_after is None
        else error.retry_after + rng.uniform(0.0, 0.5)
    )
    if wait > policy.patience_s or now - effort.started_at + wait > policy.item_s:
        return Decision("park", wait)
    return Decision("retry", wait)
