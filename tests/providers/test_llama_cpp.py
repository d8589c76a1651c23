"""The native llama.cpp provider against a recorded server: ids in context, forced ids, remembered tokens."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest

from workers.providers.base import Ask, HttpAnswer, HttpCall, Target
from workers.providers.errors import InvalidRequest, InvalidResponse
from workers.providers.llama_cpp import LlamaCpp, native_root

TARGET = Target("llama_cpp", "http://127.0.0.1:8080/v1", "m")
IDS = {" A": 330, " B": 389, " C": 340}


class FakeServer:
    """Tokenises by character, letters after a space as one token of their own."""

    def __init__(
        self, *, probs: dict[int, float] | None = None, steps: list[dict[str, Any]] | None = None
    ) -> None:
        self.calls: list[HttpCall] = []
        self.probs = probs if probs is not None else {330: 0.6, 389: 0.3, 340: 0.1}
        self.steps = steps

    async def __call__(self, call: HttpCall) -> HttpAnswer:
        self.calls.append(call)
        body = dict(call.body or {})
        return HttpAnswer(200, {}, orjson.dumps(self.answer(call.url.rsplit("/", 1)[1], body)))

    def answer(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        if route == "tokenize":
            return {"tokens": self.tokens(body["content"])}
        if route == "apply-template":
            return {"prompt": f"<user>{body['messages'][-1]['content']}<assistant> "}
        steps = self.steps
        if steps is None:
            steps = [{"id": 330, "top_probs": [{"id": token, "prob": p} for token, p in self.probs.items()]}]
        return {
            "content": " A",
            "completion_probabilities": steps,
            "tokens_evaluated": 9,
            "tokens_predicted": 1,
        }

    @staticmethod
    def tokens(text: str) -> list[int]:
        if text[-2:] in IDS:
            return [*map(ord, text[:-2]), IDS[text[-2:]]]
        return [*map(ord, text)]

    def routes(self) -> list[str]:
        return [call.url.removeprefix("http://127.0.0.1:8080/") for call in self.calls]


LETTERS = Ask("letters", prompt="2 + 2?\nA. 3\nB. 4\nC. 5\nAnswer:", letters=(" A", " B", " C"))


async def test_letters_are_biased_ids_read_after_sampling() -> None:
    server = FakeServer()
    reply = await LlamaCpp().ask(server, TARGET, LETTERS)
    assert reply.letter_probs == pytest.approx({"A": 0.6, "B": 0.3, "C": 0.1})
    assert reply.text == "A"
    sent = dict(server.calls[-1].body or {})
    assert sent["logit_bias"] == [[330, 100.0], [389, 100.0], [340, 100.0]]
    assert (sent["n_predict"], sent["n_probs"], sent["post_sampling_probs"]) == (1, 3, True)
    assert server.routes()[-1] == "completion"


async def test_tokens_of_the_letters_are_asked_for_once_an_ending() -> None:
    provider, server = LlamaCpp(), FakeServer()
    await provider.ask(server, TARGET, LETTERS)
    first = len(server.calls)
    assert first == 5
    await provider.ask(server, TARGET, LETTERS)
    assert len(server.calls) == first + 1


async def test_messages_go_through_the_models_own_template() -> None:
    server = FakeServer()
    ask = Ask("letters", messages=({"role": "user", "content": "q"},), letters=(" A", " B"))
    server.probs = {330: 0.5, 389: 0.5}
    await LlamaCpp().ask(server, TARGET, ask)
    assert server.routes()[0] == "apply-template"
    assert dict(server.calls[-1].body or {})["prompt"] == "<user>q<assistant> "


async def test_a_letter_that_is_no_token_of_its_own_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not one token"):
        await LlamaCpp().ask(FakeServer(), TARGET, Ask("letters", prompt="x", letters=("AB",)))


@pytest.mark.parametrize(
    "server",
    [
        FakeServer(probs={330: 1.0}),
        FakeServer(probs={330: 0.0, 389: 0.0, 340: 0.0}),
        FakeServer(steps=[]),
        FakeServer(probs={330: 0.5, 389: 0.5, 340: 1e400}),
    ],
)
async def test_probabilities_that_are_not_whole_are_invalid(server: FakeServer) -> None:
    with pytest.raises(InvalidResponse):
        await LlamaCpp().ask(server, TARGET, LETTERS)


def step(token: int, logprob: float, top: int) -> dict[str, Any]:
    return {"id": token, "logprob": logprob, "top_logprobs": [{"id": top, "logprob": -0.1}]}


async def test_a_log_likelihood_forces_the_ids_and_sums_them() -> None:
    server = FakeServer(steps=[step(ord("x"), -0.25, ord("x")), step(ord("y"), -1.5, ord("z"))])
    reply = await LlamaCpp().ask(server, TARGET, Ask("loglikelihood", prompt="ab", continuation="xy"))
    assert reply.logprob == -1.75
    assert reply.is_greedy is False
    sent = dict(server.calls[-1].body or {})
    assert sent["prompt"] == [97, 98]
    assert sent["grammar"] == "root ::= <[120]> <[121]>"
    assert math.isfinite(reply.logprob)


async def test_other_tokens_than_the_forced_ones_are_invalid() -> None:
    server = FakeServer(steps=[step(ord("q"), -0.25, ord("q"))])
    with pytest.raises(InvalidResponse, match="forced"):
        await LlamaCpp().ask(server, TARGET, Ask("loglikelihood", prompt="ab", continuation="x"))


@pytest.mark.parametrize(
    "ask", [Ask("loglikelihood", prompt="", continuation="x"), Ask("loglikelihood", prompt="x")]
)
async def test_a_log_likelihood_of_nothing_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidRequest, match="at least one token"):
        await LlamaCpp().ask(FakeServer(), TARGET, ask)


@pytest.mark.parametrize("address", ["http://h:1/v1", "http://h:1/v1/", "http://h:1", "http://h:1/"])
def test_native_routes_stand_beside_v1(address: str) -> None:
    assert native_root(address) == "http://h:1"
