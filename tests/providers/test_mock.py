"""The mock: answers that can be known beforehand, faults that come when told, books that are right."""

from __future__ import annotations

from collections import Counter
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.providers.base import Target
from workers.providers.mock_answers import MockBrain, options_of, unit_draw
from workers.providers.mock_faults import FAULTS, Fault, FaultSpecError, choose_fault, parse_faults
from workers.providers.mock_server import MockState, parse_arguments
from workers.providers.mock_wire import fault_answer

PROMPT = "Which?\nA. x\nB. y\nC. z\nAnswer with a letter."


def body(text: str = PROMPT, **more: Any) -> dict[str, Any]:
    return {"model": "mock", "messages": [{"role": "user", "content": text}], **more}


async def post(target: Target, path: str, content: Any) -> tuple[int, Any]:
    origin = target.base_url if not path.startswith("/_") else target.base_url.removesuffix("/v1")
    async with aiohttp.ClientSession() as session, session.post(origin + path, json=content) as response:
        return response.status, await response.json() if response.status != 204 else None


async def counters(target: Target, *, reset: bool = False) -> dict[str, int]:
    url = target.base_url.removesuffix("/v1") + "/_counters"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            found: dict[str, int] = await response.json()
        if reset:
            await (await session.delete(url)).release()
    return found


@given(st.text(), st.integers())
def test_a_draw_is_a_share_and_always_the_same(text: str, seed: int) -> None:
    assert 0.0 <= unit_draw(seed, text) < 1.0
    assert unit_draw(seed, text) == unit_draw(seed, text)


def test_draws_are_even() -> None:
    draws = [unit_draw("x", number) for number in range(10_000)]
    assert sum(draws) / len(draws) == pytest.approx(0.5, abs=0.02)


def test_styles() -> None:
    assert MockBrain("echo").answer(body()) == PROMPT
    assert MockBrain("fixed", fixed_text="42 GB").answer(body()) == "42 GB"
    assert MockBrain("key").answer(body()) in {"Answer: A", "Answer: B", "Answer: C"}
    assert options_of(PROMPT) == ["A", "B", "C"]


def test_a_taught_answer_is_given_at_the_stated_accuracy_and_wrong_for_the_same_prompts_each_time() -> None:
    brain = MockBrain(accuracy=0.7, taught={"Which?": "B"})
    answers = [brain.answer(body(f"{number} {PROMPT}")) for number in range(2000)]
    assert Counter(answers)["Answer: B"] / 2000 == pytest.approx(0.7, abs=0.04)
    assert answers == [brain.answer(body(f"{number} {PROMPT}")) for number in range(2000)]


def test_letter_probabilities_agree_with_the_answer() -> None:
    brain = MockBrain()
    probs = brain.letter_probs(body(), ["A", "B", "C"])
    assert sum(probs.values()) == pytest.approx(1.0)
    assert f"Answer: {max(probs, key=lambda letter: probs[letter])}" == brain.answer(body())


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("429=2:0.05", Fault("429", 2.0, rate=0.05)),
        ("500~poison", Fault("500", text="poison")),
        ("reset#3-7", Fault("reset", first=3, last=7)),
        ("hang#4", Fault("hang", first=4, last=4)),
        ("drip", Fault("drip", rate=1.0)),
    ],
)
def test_fault_specs(spec: str, expected: Fault) -> None:
    assert parse_faults(spec) == (expected,)


@pytest.mark.parametrize("spec", ["501:0.1", "429:often", "429#a-b", "429=x:0.1", ":0.1"])
def test_a_spec_that_cannot_be_read_says_why(spec: str) -> None:
    with pytest.raises(FaultSpecError, match="Cannot read"):
        parse_faults(spec)


def test_rates_hold_and_do_not_depend_on_the_order() -> None:
    faults = parse_faults("500:0.1,reset:0.1")
    chosen = {
        prompt: choose_fault(faults, seed=1, prompt=f"q{prompt}", nth=1, number=prompt)
        for prompt in range(3000)
    }
    again = {
        prompt: choose_fault(faults, seed=1, prompt=f"q{prompt}", nth=1, number=9)
        for prompt in reversed(range(3000))
    }
    assert chosen == again
    counted = Counter(fault.name if fault else "" for fault in chosen.values())
    assert counted["500"] / 3000 == pytest.approx(0.1, abs=0.02)
    assert counted["reset"] / 3000 == pytest.approx(0.09, abs=0.02)


def test_a_retry_draws_anew() -> None:
    faults = parse_faults("500:0.5")
    draws = {choose_fault(faults, seed=1, prompt="q", nth=nth, number=nth) is None for nth in range(1, 20)}
    assert draws == {True, False}


@pytest.mark.parametrize("name", sorted(set(FAULTS) - {"reset", "cut", "hang", "drip", "huge"}))
def test_every_fault_with_an_answer_has_one(name: str) -> None:
    answer = fault_answer(Fault(name), MockBrain(), body())
    assert answer is not None
    assert answer.status in range(200, 600)


async def test_the_server_keeps_books(target: Target, state: MockState) -> None:
    status, first = await post(target, "/chat/completions", body())
    _, again = await post(target, "/chat/completions", body())
    await post(target, "/completions", {"model": "mock", "prompt": "1\nA. x\nB. y\n"})
    assert status == 200
    assert first == again
    assert (
        first["usage"]["total_tokens"]
        == first["usage"]["prompt_tokens"] + first["usage"]["completion_tokens"]
    )
    books = await counters(target, reset=True)
    assert (books["requests"], books["answered"], books["distinct"], books["duplicates"]) == (3, 3, 2, 1)
    assert books["in_flight"] == 0
    assert (await counters(target))["distinct"] == 0


async def test_faults_and_answers_can_be_changed_while_it_runs(target: Target) -> None:
    assert (await post(target, "/_faults", {"spec": "429=3"}))[0] == 204
    assert (await post(target, "/chat/completions", body()))[0] == 429
    await post(target, "/_faults", {"spec": ""})
    await post(target, "/_teach", {"answers": {"Which?": "C"}})
    _, taught = await post(target, "/chat/completions", body())
    assert taught["choices"][0]["message"]["content"] == "Answer: C"
    assert (await counters(target))["fault_429"] == 1


async def test_max_tokens_cut_the_answer(target: Target) -> None:
    _, cut = await post(target, "/chat/completions", body(max_tokens=1))
    assert cut["choices"][0]["finish_reason"] == "length"
    assert cut["choices"][0]["message"]["content"] == "Answ"


async def test_models_are_listed(target: Target) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{target.base_url}/models") as response:
        assert [model["id"] for model in (await response.json())["data"]] == ["mock"]


def test_the_command_line() -> None:
    given_ = parse_arguments(["--port", "8099", "--latency-ms", "200", "--answers", "echo", "--seed", "3"])
    assert (given_.port, given_.latency_ms, given_.answers, given_.seed) == (8099, 200.0, "echo", 3)
