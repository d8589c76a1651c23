"""The mock's answers as an OpenAI-compatible server would word them, faults included."""

from __future__ import annotations

import gzip
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from workers.providers.mock_answers import MockBrain, options_of, token_count, words_of
from workers.providers.mock_faults import Fault

FINGERPRINT = "mock-1"
_JSON = {"Content-Type": "application/json"}
_HTML = b"<!doctype html><html><title>502 Bad Gateway</title><body>upstream is away</body></html>"

_STATUS_FAULTS: Mapping[str, tuple[int, str, str]] = {
    "429": (429, "rate_limit_exceeded", "Rate limit reached for requests"),
    "429bare": (429, "rate_limit_exceeded", "Rate limit reached for requests"),
    "quota": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details",
    ),
    "402": (402, "insufficient_balance", "Insufficient Balance"),
    "401": (401, "invalid_api_key", "Incorrect API key provided: sk-mock-0123456789"),
    "403": (403, "permission_denied", "You are not allowed to sample from this model"),
    "404": (404, "model_not_found", "The model does not exist"),
    "400": (400, "invalid_request_error", "Invalid value for 'temperature'"),
    "413": (413, "request_too_large", "Request too large"),
    "filter": (400, "content_filter", "The request was rejected because it was considered high risk"),
    "500": (500, "server_error", "The server had an error while processing your request"),
    "503": (503, "service_unavailable", "The engine is currently overloaded, please try again later"),
    "529": (529, "overloaded_error", "Overloaded"),
}


@dataclass(frozen=True, slots=True)
class MockAnswer:
    """A whole HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: dict(_JSON))


def success(brain: MockBrain, body: Mapping[str, Any]) -> MockAnswer:
    """The answer to a chat or completions request, cut at its `max_tokens`, with usage and (if asked) log-probabilities."""
    return MockAnswer(200, orjson.dumps(success_object(brain, body)))


def success_object(brain: MockBrain, body: Mapping[str, Any], text: str | None = None) -> dict[str, Any]:
    """The same as an object; `text` overrides what the brain would say."""
    is_chat = "messages" in body
    whole = brain.answer(body) if text is None else text
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    said = whole.encode()[: limit * 4].decode("utf-8", "ignore") if isinstance(limit, int) else whole
    finish = "stop" if said == whole else "length"
    content = {"message": {"role": "assistant", "content": said}} if is_chat else {"text": said}
    tokens_in, tokens_out = token_count(words_of(body)), token_count(said)
    return {
        "id": "mock",
        "object": "chat.completion" if is_chat else "text_completion",
        "created": 0,
        "model": body.get("model", "mock"),
        "system_fingerprint": FINGERPRINT,
        "choices": [
            {"index": 0, "finish_reason": finish, "logprobs": _logprobs(brain, body, is_chat), **content}
        ],
        "usage": {
            "prompt_tokens": tokens_in,
            "completion_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
        },
    }


def stream_chunks(whole: Mapping[str, Any], *, with_usage: bool) -> list[bytes]:
    """A whole answer as the data of server-sent events, one word a chunk, without the closing [DONE]."""
    choice, head = (
        whole["choices"][0],
        {name: whole[name] for name in ("id", "created", "model", "system_fingerprint")},
    )
    is_chat = "message" in choice
    text = choice["message"]["content"] if is_chat else choice["text"]
    pieces = [piece + " " for piece in text.split(" ")]
    pieces[-1] = pieces[-1][:-1]

    def chunk(content: Mapping[str, Any], finish: str | None) -> bytes:
        return orjson.dumps({**head, "choices": [{"index": 0, "finish_reason": finish, **content}]})

    chunks = [chunk({"delta": {"content": piece}} if is_chat else {"text": piece}, None) for piece in pieces]
    chunks.append(chunk({"delta": {}} if is_chat else {"text": ""}, choice["finish_reason"]))
    if with_usage:
        chunks.append(orjson.dumps({**head, "choices": [], "usage": whole["usage"]}))
    return chunks


def fault_answer(fault: Fault, brain: MockBrain, body: Mapping[str, Any]) -> MockAnswer | None:
    """The whole answer of a fault that has one; None for those of the connection (reset, cut, hang, drip, huge)."""
    if (known := _STATUS_FAULTS.get(fault.name)) is not None:
        status, code, message = known
        headers = {**_JSON, "Retry-After": f"{fault.argument or 1:g}"} if fault.name == "429" else dict(_JSON)
        error = {"message": message, "type": code, "code": code, "param": None}
        return MockAnswer(status, orjson.dumps({"error": error}), headers)
    if fault.name == "502":
        return MockAnswer(502, _HTML, {"Content-Type": "text/html"})
    if fault.name == "html":
        return MockAnswer(200, _HTML, {"Content-Type": "text/html"})
    if fault.name == "redirect":
        return MockAnswer(307, b"", {"Location": "http://198.51.100.7/v1/chat/completions"})
    if fault.name == "gzip":
        packed = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=1)
        return MockAnswer(200, packed, {**_JSON, "Content-Encoding": "gzip"})
    return _bent(fault, success_object(brain, body))


def _bent(fault: Fault, whole: dict[str, Any]) -> MockAnswer | None:
    """A success bent out of shape."""
    choice = whole["choices"][0]
    if fault.name == "malformed":
        packed = orjson.dumps(whole)
        return MockAnswer(200, packed[: len(packed) // 2])
    if fault.name == "nan":
        return MockAnswer(200, orjson.dumps(whole).replace(b'"created":0', b'"created":NaN'))
    if fault.name == "nochoices":
        whole["choices"] = []
    elif fault.name in ("empty", "null", "filtered", "think"):
        text = {"empty": "", "filtered": "", "null": None, "think": "<think>First I will consider"}[
            fault.name
        ]
        choice["finish_reason"] = {"filtered": "content_filter", "think": "length"}.get(fault.name, "stop")
        if "message" in choice:
            choice["message"]["content"] = text
        else:
            choice["text"] = text
    else:
        return None
    return MockAnswer(200, orjson.dumps(whole))


def _logprobs(brain: MockBrain, body: Mapping[str, Any], is_chat: bool) -> dict[str, Any] | None:
    """The first token's alternatives: the letters the prompt offers, spelled as they would follow it."""
    if not body.get("logprobs"):
        return None
    prompt = words_of(body)
    probs = brain.letter_probs(body, options_of(prompt))
    space = " " if not is_chat and prompt.endswith(":") else ""
    tops = {space + letter: math.log(prob) for letter, prob in probs.items()}
    if is_chat:
        listed = [{"token": token, "logprob": value, "bytes": None} for token, value in tops.items()]
        best = max(listed, key=lambda entry: entry["logprob"] or 0.0)
        return {"content": [{**best, "top_logprobs": listed}]}
    best_token = max(tops, key=lambda token: tops[token])
    return {
        "tokens": [best_token],
        "token_logprobs": [tops[best_token]],
        "top_logprobs": [tops],
        "text_offset": [0],
    }
