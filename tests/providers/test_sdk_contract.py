"""The same call through the openai SDK and through our provider: equal JSON on the wire, the same answer read."""

from __future__ import annotations

from itertools import product
from typing import Any

import httpx2
import openai
import orjson
import pytest

from workers.providers.base import Ask, HttpAnswer, HttpCall, Target
from workers.providers.mock_answers import MockBrain
from workers.providers.mock_wire import stream_chunks, success_object
from workers.providers.registry import CATALOGUE

BASE = "http://127.0.0.1:9/v1"
MESSAGES = ({"role": "system", "content": "Be brief. 简洁"}, {"role": "user", "content": "Q: é\nA. x\nB. y"})
JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}

GRID = [
    {"max_tokens": max_tokens, "temperature": temperature, "top_p": top_p, "stop": stop, "seed": seed}
    for max_tokens, temperature, top_p, stop, seed in product(
        (None, 16), (None, 0.0, 0.7), (None, 0.9), ((), ("\n", "Q:")), (None, 7)
    )
]
EXTRAS: list[dict[str, Any]] = [
    {"response_format": {"type": "json_object"}},
    {"response_format": JSON_SCHEMA, "seed": 2**31 - 1},
    {"extra": {"top_k": 5, "chat_template_kwargs": {"enable_thinking": False}}},
    {"extra": {"presence_penalty": 0.5, "user": "u"}},
    {"stream": True},
    {"stream": True, "max_tokens": 4, "temperature": 1.0},
]


class Wire:
    """Both ends of one call: notes the body, answers as the mock would."""

    def __init__(self, *, stream: bool) -> None:
        self.bodies: list[Any] = []
        self.urls: list[str] = []
        self._stream = stream

    def whole(self, body: dict[str, Any]) -> dict[str, Any]:
        return success_object(MockBrain(), body)

    def for_sdk(self, request: httpx2.Request) -> httpx2.Response:
        body = orjson.loads(request.content)
        self.bodies.append(body)
        self.urls.append(str(request.url))
        if not self._stream:
            return httpx2.Response(200, json=self.whole(body))
        lines = b"".join(
            b"data: " + chunk + b"\n\n" for chunk in stream_chunks(self.whole(body), with_usage=True)
        )
        return httpx2.Response(
            200, content=lines + b"data: [DONE]\n\n", headers={"content-type": "text/event-stream"}
        )

    async def for_us(self, call: HttpCall) -> HttpAnswer:
        body = orjson.loads(orjson.dumps(call.body))
        self.bodies.append(body)
        self.urls.append(call.url)
        if not self._stream:
            return HttpAnswer(200, {}, orjson.dumps(self.whole(body)))
        chunks = [*stream_chunks(self.whole(body), with_usage=True), b"[DONE]"]
        return HttpAnswer(200, {}, b"", events=tuple((0.1 * at, chunk) for at, chunk in enumerate(chunks)))


def sdk_arguments(ask: Ask) -> dict[str, Any]:
    """An Ask as a user of the SDK would write it."""
    named = {
        "max_tokens": ask.max_tokens,
        "temperature": ask.temperature,
        "top_p": ask.top_p,
        "seed": ask.seed,
    }
    given = {name: value for name, value in named.items() if value is not None}
    if ask.stop:
        given["stop"] = list(ask.stop)
    if ask.response_format:
        given["response_format"] = ask.response_format
    if ask.stream:
        given |= {"stream": True, "stream_options": {"include_usage": True}}
    return {**given, "extra_body": dict(ask.extra)} if ask.extra else given


def through_sdk(wire: Wire, ask: Ask) -> tuple[str, str, int | None, int | None]:
    """(text, finish reason, tokens in, tokens out) as the SDK reads them."""
    with httpx2.Client(transport=httpx2.MockTransport(wire.for_sdk)) as http:
        client = openai.OpenAI(base_url=BASE, api_key="k", http_client=http, max_retries=0)
        if ask.kind == "chat":
            got: Any = client.chat.completions.create(
                model="m", messages=list(ask.messages), **sdk_arguments(ask)
            )
        else:
            got = client.completions.create(model="m", prompt=ask.prompt, **sdk_arguments(ask))
        if not ask.stream:
            choice = got.choices[0]
            text = choice.message.content if ask.kind == "chat" else choice.text
            return text, choice.finish_reason, got.usage.prompt_tokens, got.usage.completion_tokens
        return fold_sdk_stream(got, is_chat=ask.kind == "chat")


def fold_sdk_stream(chunks: Any, *, is_chat: bool) -> tuple[str, str, int | None, int | None]:
    text, finish, usage = "", "", None
    for chunk in chunks:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += (choice.delta.content if is_chat else choice.text) or ""
            finish = choice.finish_reason or finish
    return text, finish, usage and usage.prompt_tokens, usage and usage.completion_tokens


async def compare(provider: str, ask: Ask) -> None:
    theirs, ours = Wire(stream=ask.stream), Wire(stream=ask.stream)
    expected = through_sdk(theirs, ask)
    reply = await CATALOGUE.get(provider).ask(ours.for_us, Target(provider, BASE, "m"), ask)
    assert ours.bodies == theirs.bodies
    assert ours.urls == theirs.urls
    assert (reply.text, reply.finish_reason, reply.tokens_in, reply.tokens_out) == expected


@pytest.mark.parametrize("fields", GRID + EXTRAS)
async def test_chat_is_equal_on_the_wire(fields: dict[str, Any]) -> None:
    await compare("openai_chat", Ask("chat", messages=MESSAGES, **fields))


@pytest.mark.parametrize("fields", [fields for fields in GRID + EXTRAS if "response_format" not in fields])
async def test_completions_are_equal_on_the_wire(fields: dict[str, Any]) -> None:
    await compare("openai_completions", Ask("completion", prompt="1 + 1 = 答案:", **fields))


async def test_a_trailing_slash_in_the_address_changes_nothing() -> None:
    wire = Wire(stream=False)
    await CATALOGUE.get("openai_chat").ask(
        wire.for_us, Target("openai_chat", BASE + "/", "m"), Ask("chat", messages=MESSAGES)
    )
    assert wire.urls == [f"{BASE}/chat/completions"]
