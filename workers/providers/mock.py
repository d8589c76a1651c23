"""`mock`: a provider in this process, without network. For tests, demonstrations and dry runs.

Quirks: `answers` (echo, key, fixed), `seed`, `accuracy`, `text`, `latency_ms`, `faults` (see mock_faults.py). The same
brain, faults and words as the mock server's, so what a test learns from one holds for the other.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from typing import Any

from workers.providers.base import Ask, Capabilities, HttpAnswer, Reply, Send, Target
from workers.providers.errors import ConnectionLost, DeadlineExceeded, TooLarge
from workers.providers.http_status import check_status
from workers.providers.mock_answers import FIXED_TEXT, MockBrain, words_of
from workers.providers.mock_faults import Fault, choose_fault, parse_faults
from workers.providers.mock_wire import fault_answer, success
from workers.providers.openai_chat import chat_body
from workers.providers.openai_completions import completion_body
from workers.providers.openai_wire import read_reply

PROMPTS_KEPT = 100_000


class Mock:
    """Answers at once (or after `latency_ms`), from the prompt alone."""

    capabilities = Capabilities(
        chat=True, completion=True, letters="exact", loglikelihood=True, network=False
    )

    def __init__(self) -> None:
        self._asked: Counter[int] = Counter()

    async def ask(self, send: Send, target: Target, ask: Ask) -> Reply:
        """Ask once; `send` is never called."""
        quirks = target.quirks
        body = (
            completion_body(target, ask)
            if ask.kind == "completion" or not ask.messages
            else chat_body(target, ask)
        )
        latency = float(quirks.get("latency_ms", 0)) / 1000
        await asyncio.sleep(latency)
        if ask.kind == "loglikelihood":
            logprob, is_greedy = brain_of(target).loglikelihood(ask.prompt, ask.continuation)
            return Reply(
                "", logprob=logprob, is_greedy=is_greedy, model_reported=target.model, latency_s=latency
            )
        answer = await self._answer(target, body, latency)
        check_status(answer, target)
        reply, _ = read_reply(answer, target)
        if ask.kind == "letters":
            letters = [letter.strip() for letter in ask.letters]
            reply = dataclasses.replace(reply, letter_probs=brain_of(target).letter_probs(body, letters))
        return reply

    async def _answer(self, target: Target, body: dict[str, Any], latency: float) -> HttpAnswer:
        brain, prompt = brain_of(target), words_of(body)
        faults = parse_faults(str(target.quirks.get("faults", "")))
        if faults:
            if len(self._asked) > PROMPTS_KEPT:
                self._asked.clear()
            place = hash((target.base_url, prompt))
            self._asked[place] += 1
            number = sum(self._asked.values()) if any(fault.first for fault in faults) else 0
            fault = choose_fault(
                faults, seed=brain.seed, prompt=prompt, nth=self._asked[place], number=number
            )
            if fault is not None:
                return await _faulty(fault, brain, target, body)
        whole = success(brain, body)
        return HttpAnswer(200, whole.headers, whole.body, latency_s=latency)


async def _faulty(fault: Fault, brain: MockBrain, target: Target, body: dict[str, Any]) -> HttpAnswer:
    answer = fault_answer(fault, brain, body)
    if answer is not None:
        lower = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status, lower, answer.body)
    if fault.name in ("hang", "drip"):
        await asyncio.sleep(target.deadlines.total_s)
        raise DeadlineExceeded(f"The mock did not finish within {target.deadlines.total_s:g} s.")
    if fault.name == "huge":
        raise TooLarge(f"The mock's answer is above {target.deadlines.max_bytes} bytes.")
    raise ConnectionLost(f"The mock's connection broke ({fault.name}).")


def brain_of(target: Target) -> MockBrain:
    """The brain that a target's quirks describe."""
    quirks = target.quirks
    return MockBrain(
        style=str(quirks.get("answers", "key")),
        seed=int(quirks.get("seed", 0)),
        accuracy=float(quirks.get("accuracy", 1.0)),
        fixed_text=str(quirks.get("text", FIXED_TEXT)),
        taught=dict(quirks.get("taught", {})),
    )


PROVIDER = Mock()
