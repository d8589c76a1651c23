"""What follows a failure: the decision alone, without network or time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.retry import Decision, Effort, RetryPolicy, decide, jitter, note
from workers.providers import errors
from workers.providers.errors import AskError

POLICY = RetryPolicy()
RNG = random.Random(7)


def after(
    error: AskError, effort: Effort, *, now: float = 0.0, successes: int = 0, is_down: bool = False
) -> Decision:
    note(effort, error)
    return decide(POLICY, effort, error, now=now, successes=successes, is_down=is_down, rng=RNG)


def effort() -> Effort:
    return Effort(started_at=0.0)


@pytest.mark.parametrize(
    "kind", [errors.QuotaExhausted, errors.AuthRefused, errors.ModelMissing, errors.BudgetExhausted]
)
def test_what_every_item_would_meet_pauses_at_once(kind: type[AskError]) -> None:
    assert after(kind("x"), effort()).verdict == "pause"


@pytest.mark.parametrize(
    "kind", [errors.InvalidRequest, errors.ContentFiltered, errors.TooLarge, errors.EgressRefused]
)
def test_what_asking_again_cannot_help_is_final_at_once(kind: type[AskError]) -> None:
    assert after(kind("x"), effort()).verdict == "final"


def test_an_unreadable_answer_is_asked_for_once_more() -> None:
    tried = effort()
    assert after(errors.InvalidResponse("x"), tried).verdict == "retry"
    assert after(errors.InvalidResponse("x"), tried).verdict == "final"


@pytest.mark.parametrize(
    "kind", [errors.ServerError, errors.Overloaded, errors.ConnectionLost, errors.DeadlineExceeded]
)
def test_six_attempts_in_all(kind: type[AskError]) -> None:
    tried = effort()
    verdicts = [after(kind(f"reason {word}"), tried).verdict for word in ("a", "b", "c", "d", "e", "f")]
    assert verdicts == ["retry"] * 5 + ["final"]


def test_attempts_of_earlier_calls_count() -> None:
    assert after(errors.ServerError("x"), Effort(started_at=0.0, attempts=5)).verdict == "final"


def test_the_same_failure_is_final_after_five_while_others_succeed() -> None:
    tried = effort()
    verdicts = [after(errors.ServerError("poison", status=500), tried, successes=3).verdict for _ in range(5)]
    assert verdicts == ["retry"] * 4 + ["final"]


def test_while_nobody_succeeds_an_item_is_not_blamed_and_the_run_pauses() -> None:
    tried = effort()
    verdicts = [after(errors.ServerError("x", status=500), tried, is_down=True).verdict for _ in range(6)]
    assert verdicts == ["retry"] * 5 + ["pause"]


def test_fifteen_minutes_an_item() -> None:
    assert after(errors.ServerError("x"), effort(), now=899.5).verdict == "final"


def test_a_rate_limit_never_counts_against_the_item() -> None:
    tried = effort()
    for _ in range(50):
        assert after(errors.RateLimited("x", retry_after=1.0), tried).verdict == "retry"
    assert tried.attempts == 0


def test_retry_after_is_honoured() -> None:
    for _ in range(20):
        decision = after(errors.RateLimited("x", retry_after=7.0), effort())
        assert 7.0 <= decision.wait_s <= 7.5


def test_a_long_rest_parks_the_item() -> None:
    decision = after(errors.RateLimited("x", retry_after=500.0), effort())
    assert decision.verdict == "park"
    assert decision.wait_s >= 500.0


def test_rate_limits_for_fifteen_minutes_park_too() -> None:
    assert after(errors.RateLimited("x", retry_after=5.0), effort(), now=898.0).verdict == "park"


@given(st.integers(0, 100), st.integers())
def test_full_jitter_between_one_second_and_a_doubling_cap_of_sixty(attempt: int, seed: int) -> None:
    wait = jitter(POLICY, attempt, random.Random(seed))
    assert 1.0 <= wait <= min(60.0, 2.0**attempt if attempt < 7 else 60.0)


def test_the_jitter_really_spreads() -> None:
    waits = [jitter(POLICY, 6, RNG) for _ in range(2000)]
    assert min(waits) < 3.0
    assert max(waits) > 58.0
