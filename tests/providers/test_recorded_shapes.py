"""Answers in the shapes real servers give them (recorded, shortened), and what we read from each."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from workers.providers.base import Ask, HttpAnswer, HttpCall, Target
from workers.providers.errors import AskError, ConnectionLost, InvalidRequest, InvalidResponse
from workers.providers.presets import PRESETS
from workers.providers.registry import CATALOGUE

CHAT = Ask("chat", messages=({"role": "user", "content": "q"},), max_tokens=32, temperature=0.0, seed=1)


class Recorded:
    """Answers with the shape, notes what was sent."""

    def __init__(self, shape: Any, *, events: list[Any] | None = None) -> None:
        self.shape, self.events = shape, events
        self.calls: list[HttpCall] = []

    async def __call__(self, call: HttpCall) -> HttpAnswer:
        self.calls.append(call)
        if self.events is not None:
            chunks = [event if isinstance(event, bytes) else orjson.dumps(event) for event in self.events]
            return HttpAnswer(
                200, {}, b"", events=tuple((0.1 * at, chunk) for at, chunk in enumerate(chunks))
            )
        return HttpAnswer(200, {}, orjson.dumps(self.shape))

    @property
    def body(self) -> dict[str, Any]:
        assert self.calls[-1].body is not None
        return dict(self.calls[-1].body)


def target_of(preset: str) -> Target:
    found = PRESETS[preset]
    return Target(found.provider, found.base_url, "m", quirks=found.quirks)


def message(
    content: Any, finish: str = "stop", usage: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content, **more},
        "finish_reason": finish,
    }
    return {"id": "x", "object": "chat.completion", "model": "m-1", "choices": [choice], "usage": usage}


async def ask_chat(preset: str, shape: Any, ask: Ask = CHAT, **recorded: Any) -> tuple[Any, dict[str, Any]]:
    target, send = target_of(preset), Recorded(shape, **recorded)
    return await CATALOGUE.get(target.provider).ask(send, target, ask), send.body


async def test_openai_asks_for_max_completion_tokens_and_tells_cached_and_reasoning_tokens() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 12, "accepted_prediction_tokens": 0},
    }
    reply, body = await ask_chat("openai", {**message("B", usage=usage), "system_fingerprint": "fp_1"})
    assert (reply.text, reply.tokens_in, reply.tokens_out, reply.cached_tokens, reply.reasoning_tokens) == (
        "B",
        100,
        20,
        64,
        12,
    )
    assert reply.fingerprint == "fp_1"
    assert body["max_completion_tokens"] == 32
    assert "max_tokens" not in body


async def test_openai_refusal_is_marked() -> None:
    reply, _ = await ask_chat("openai", message(None, refusal="I can't help with that."))
    assert reply.text == "I can't help with that."
    assert reply.notes["refusal"] is True


@pytest.mark.parametrize("preset", ["deepseek", "vllm", "dashscope", "sglang", "moonshot", "glm"])
async def test_reasoning_content_is_kept_apart(preset: str) -> None:
    reply, _ = await ask_chat(preset, message("B", reasoning_content="because"))
    assert (reply.text, reply.reasoning) == ("B", "because")


@pytest.mark.parametrize("preset", ["ollama", "vllm"])
async def test_the_newer_name_reasoning_is_read_too(preset: str) -> None:
    reply, _ = await ask_chat(preset, message("B", reasoning="because"))
    assert reply.reasoning == "because"


async def test_deepseek_reports_cache_hits_and_a_null_content_while_reasoning() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 5,
        "prompt_cache_hit_tokens": 8,
        "prompt_cache_miss_tokens": 1,
    }
    reply, _ = await ask_chat("deepseek", message(None, "length", usage, reasoning_content="still going"))
    assert (reply.text, reply.finish_reason, reply.cached_tokens) == ("", "length", 8)


async def test_dashscope_switches_thinking_off_and_extra_switches_it_on() -> None:
    _, body = await ask_chat("dashscope", message("B"))
    assert body["enable_thinking"] is False
    thinking = Ask("chat", messages=CHAT.messages, stream=True, extra={"enable_thinking": True})
    events = [
        {
            "choices": [
                {"index": 0, "delta": {"role": "assistant", "content": None, "reasoning_content": ""}}
            ],
            "usage": None,
        },
        {"choices": [{"index": 0, "delta": {"content": None, "reasoning_content": "嗯"}}], "usage": None},
        {"choices": [{"index": 0, "delta": {"content": "B", "reasoning_content": None}}], "usage": None},
        {"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}], "usage": None},
        {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}},
        b"[DONE]",
    ]
    reply, body = await ask_chat("dashscope", None, thinking, events=events)
    assert body["enable_thinking"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert (reply.text, reply.reasoning, reply.finish_reason, reply.tokens_in) == ("B", "嗯", "stop", 4)
    assert reply.ttft_s == 0.1


@pytest.mark.parametrize(
    ("preset", "gone"),
    [("glm", "seed"), ("moonshot", "seed"), ("fastllm", "seed"), ("fastllm", "response_format")],
)
async def test_fields_a_server_refuses_are_left_out(preset: str, gone: str) -> None:
    ask = Ask("chat", messages=CHAT.messages, seed=1, response_format={"type": "json_object"})
    _, body = await ask_chat(preset, message("B"), ask)
    assert gone not in body


@pytest.mark.parametrize(
    ("preset", "path"),
    [
        ("vllm", ["structured_outputs", "grammar"]),
        ("sglang", ["ebnf"]),
        ("llama_cpp", ["grammar"]),
        ("exllama", ["grammar_string"]),
    ],
)
async def test_a_grammar_goes_where_the_server_reads_it(preset: str, path: list[str]) -> None:
    _, body = await ask_chat(
        preset, message("B"), Ask("chat", messages=CHAT.messages, grammar="root ::= [A-D]")
    )
    for name in path:
        body = body[name]
    assert body == "root ::= [A-D]"


async def test_a_grammar_for_a_server_without_one_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(InvalidRequest, match="takes no grammar"):
        await ask_chat("openai", message("B"), Ask("chat", messages=CHAT.messages, grammar="root ::= [A-D]"))


async def test_letters_sum_spellings_and_tell_what_is_missing() -> None:
    tops = [
        {"token": token, "logprob": lp}
        for token, lp in ((" A", -0.5), ("A", -2.0), ("B", -3.0), ("The", -0.1))
    ]
    shape = message("The")
    shape["choices"][0]["logprobs"] = {"content": [{"token": "The", "logprob": -0.1, "top_logprobs": tops}]}
    letters = Ask("letters", messages=CHAT.messages, letters=("A", "B", "C"))
    reply, body = await ask_chat("vllm", shape, letters)
    assert (body["max_tokens"], body["logprobs"], body["top_logprobs"]) == (1, True, 20)
    assert reply.letter_probs["A"] == pytest.approx(0.9371, abs=1e-4)
    assert reply.letter_probs["C"] == 0.0
    assert sum(reply.letter_probs.values()) == pytest.approx(1.0)
    assert reply.notes["letters_missing"] == ["C"]


async def test_letters_where_none_is_in_sight_are_no_probabilities() -> None:
    shape = message("The")
    shape["choices"][0]["logprobs"] = {"content": [{"top_logprobs": [{"token": "The", "logprob": -0.1}]}]}
    reply, _ = await ask_chat("vllm", shape, Ask("letters", messages=CHAT.messages, letters=("A", "B")))
    assert reply.letter_probs == {}


async def test_letters_on_completions_read_the_old_logprobs() -> None:
    target = Target("openai_completions", "http://x/v1", "m")
    choice = {
        "text": " A",
        "finish_reason": "length",
        "logprobs": {"top_logprobs": [{" A": -0.2, " B": -1.7}]},
    }
    send = Recorded({"choices": [choice]})
    reply = await CATALOGUE.get("openai_completions").ask(
        send, target, Ask("letters", prompt="Answer:", letters=(" A", " B"))
    )
    assert send.body["logprobs"] == 20
    assert reply.letter_probs == {"A": pytest.approx(0.8176, abs=1e-4), "B": pytest.approx(0.1824, abs=1e-4)}


@pytest.mark.parametrize("preset", ["glm", "moonshot", "fastllm"])
async def test_letters_on_a_server_without_logprobs_are_refused_with_the_cure(preset: str) -> None:
    with pytest.raises(InvalidRequest, match="method 'chat'"):
        await ask_chat(preset, message("B"), Ask("letters", messages=CHAT.messages, letters=("A",)))


@pytest.mark.parametrize(
    "shape",
    [
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        {"choices": ["text"]},
        {"choices": [{}]},
        {"choices": [{"message": {"content": 5}}]},
        {"choices": [{"message": {"content": ["parts"]}}]},
        {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": -1}},
        {"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": "many"}},
        {},
    ],
)
async def test_shapes_that_are_no_answer(shape: dict[str, Any]) -> None:
    with pytest.raises(InvalidResponse):
        await ask_chat("vllm", shape)


@pytest.mark.parametrize("logprobs", [None, {}, {"content": []}, {"content": [{"top_logprobs": None}]}])
async def test_letters_without_logprobs_in_the_answer_are_invalid(logprobs: Any) -> None:
    shape = message("A")
    shape["choices"][0]["logprobs"] = logprobs
    with pytest.raises(InvalidResponse, match="no log-probabilities"):
        await ask_chat("vllm", shape, Ask("letters", messages=CHAT.messages, letters=("A",)))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([{"choices": [{"delta": {"content": "B"}}]}], ConnectionLost),
        ([b"{not json"], InvalidResponse),
        ([b"[1]"], InvalidResponse),
        ([{"error": {"message": "CUDA error", "code": 500}}], AskError),
        ([b"[DONE]"], None),
        ([{"choices": [{"delta": {"content": "B"}, "finish_reason": "stop"}]}], None),
    ],
)
async def test_streams_that_break_and_streams_that_end(
    events: list[Any], expected: type[Exception] | None
) -> None:
    ask = Ask("chat", messages=CHAT.messages, stream=True)
    if expected is None:
        assert (await ask_chat("vllm", None, ask, events=events))[0].text in ("", "B")
    else:
        with pytest.raises(expected):
            await ask_chat("vllm", None, ask, events=events)


@pytest.mark.parametrize(
    ("provider", "ask"),
    [
        ("openai_chat", Ask("completion", prompt="x")),
        ("openai_chat", Ask("loglikelihood", prompt="x", continuation="y")),
        ("openai_completions", CHAT),
        ("openai_completions", Ask("letters", messages=CHAT.messages, letters=("A",))),
    ],
)
async def test_what_a_provider_cannot_do_it_says(provider: str, ask: Ask) -> None:
    with pytest.raises(InvalidRequest, match="choose"):
        await CATALOGUE.get(provider).ask(Recorded({}), Target(provider, "http://x/v1", "m"), ask)
