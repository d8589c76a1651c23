"""The OpenAI-compatible wire: requests as JSON objects, answers read back, streams folded into whole answers.

Equal on the wire to the openai SDK's (tests/providers/test_sdk_contract.py), at a tenth of its CPU time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from workers.providers.base import NOTHING, Ask, HttpAnswer, HttpCall, Reply, Send, Target
from workers.providers.errors import ContentFiltered, InvalidRequest, InvalidResponse
from workers.providers.http_status import RAW_HEAD, check_status, invalid, read_json
from workers.providers.openai_stream import fold_stream

MOST_TOP_LOGPROBS = 20


def address(target: Target, path: str) -> str:
    """The URL of an API path, whether the address was entered with or without a closing slash."""
    return f"{target.base_url.rstrip('/')}/{path}"


def sampling(target: Target, ask: Ask) -> dict[str, Any]:
    """The part of the body that chat and completions share: the asked fields under the names this server knows."""
    quirks = target.quirks
    fields: dict[str, Any] = {
        quirks.get("max_tokens_field", "max_tokens"): ask.max_tokens,
        "temperature": ask.temperature,
        "top_p": ask.top_p,
        "stop": list(ask.stop) or None,
        "seed": ask.seed,
        "response_format": ask.response_format,
    }
    body = {name: value for name, value in fields.items() if value is not None}
    for name in quirks.get("drop", ()):
        body.pop(name, None)
    if ask.grammar:
        _put_path(body, _grammar_path(target), ask.grammar)
    if ask.stream:
        body["stream"] = True
        if quirks.get("stream_usage", True):
            body["stream_options"] = {"include_usage": True}
    body.update(quirks.get("extra_body", {}))
    body.update(ask.extra)
    return body


async def post(send: Send, target: Target, path: str, body: Mapping[str, Any], stream: bool) -> HttpAnswer:
    """Send one POST and raise what its status names."""
    answer = await send(HttpCall(address(target, path), body, stream=stream))
    check_status(answer, target)
    return answer


def read_reply(answer: HttpAnswer, target: Target) -> tuple[Reply, dict[str, Any]]:
    """The reply of a chat or completions answer, and its first choice for whoever wants more of it.

    Raises InvalidResponse where there is no choice or no text, ContentFiltered where a filter left nothing.
    """
    data = fold_stream(answer, target) if answer.events else read_json(answer, target)
    choice = _first_choice(data, answer, target)
    text, reasoning = _texts(choice, answer, target)
    finish = str(choice.get("finish_reason") or "")
    if finish == "content_filter" and not text:
        raise ContentFiltered(
            f"{target.model} was stopped by the server's content filter.", status=answer.status
        )
    usage = data.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    reply = Reply(
        text=text,
        reasoning=reasoning,
        finish_reason=finish,
        tokens_in=_count(usage, "prompt_tokens", answer, target),
        tokens_out=_count(usage, "completion_tokens", answer, target),
        cached_tokens=_cached_tokens(usage, answer, target),
        reasoning_tokens=_count(
            _inner(usage, "completion_tokens_details"), "reasoning_tokens", answer, target
        ),
        model_reported=str(data.get("model") or ""),
        fingerprint=str(data.get("system_fingerprint") or ""),
        latency_s=answer.latency_s,
        ttft_s=data.get("_ttft_s"),
        raw_head=answer.body[:RAW_HEAD].decode("utf-8", "replace"),
        notes={"refusal": True} if _is_refusal(choice) else NOTHING,
    )
    return reply, choice


def letter_probs(
    logprobs: Sequence[tuple[str, float]], letters: Sequence[str]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Probabilities over the letters among top-k tokens, summed over spellings (`A`, ` A`) and made to sum to 1.

    The notes name letters that were not among the top k (their probability is counted as 0) and the mass the letters held.
    """
    names = [letter.strip() for letter in letters]
    mass = dict.fromkeys(names, 0.0)
    for token, logprob in logprobs:
        if (name := token.strip()) in mass:
            mass[name] += math.exp(logprob)
    total = sum(mass.values())
    missing = [name for name in names if mass[name] == 0.0]
    notes = {"letter_mass": total, "letters_missing": missing}
    if total <= 0.0:
        return {}, notes
    return {name: value / total for name, value in mass.items()}, notes


def top_logprobs(target: Target) -> int:
    """How many log-probabilities this server gives at most. Raises InvalidRequest where it gives none."""
    if not target.quirks.get("logprobs", True):
        raise InvalidRequest(
            f"{target.base_url} gives no log-probabilities; use the method 'chat' instead of 'letters'."
        )
    return int(target.quirks.get("top_logprobs", MOST_TOP_LOGPROBS))


def finite(value: Any, answer: HttpAnswer, target: Target) -> float:
    """A log-probability as a float. Raises InvalidResponse for anything that is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise invalid(f"A log-probability is {value!r}, not a finite number", answer, target)
    return float(value)


def _grammar_path(target: Target) -> str:
    path = target.quirks.get("grammar_field", "")
    if not path:
        raise InvalidRequest(
            f"{target.base_url} takes no grammar; use response_format, or leave the grammar empty."
        )
    return str(path)


def _put_path(body: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        body = body.setdefault(name, {})
    body[last] = value


def _first_choice(data: Mapping[str, Any], answer: HttpAnswer, target: Target) -> dict[str, Any]:
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise invalid(f"The answer has no choices: {choices!r:.80}", answer, target)
    return choices[0]


def _texts(choice: Mapping[str, Any], answer: HttpAnswer, target: Target) -> tuple[str, str]:
    """(text, reasoning) of a chat message or a completion; a null content is an empty text."""
    message = choice.get("message")
    if isinstance(message, dict):
        text = message.get("content")
        reasoning = message.get("reasoning_content") or message.get("reasoning") or ""
        text = message.get("refusal") or "" if text is None else text
    else:
        text, reasoning = choice.get("text"), ""
    if not isinstance(text, str) or not isinstance(reasoning, str):
        raise invalid(f"The first choice has no text: {text!r:.80}", answer, target)
    return text, reasoning


def _is_refusal(choice: Mapping[str, Any]) -> bool:
    message = choice.get("message")
    return isinstance(message, dict) and bool(message.get("refusal"))


def _inner(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = usage.get(name)
    return inner if isinstance(inner, dict) else {}


def _cached_tokens(usage: Mapping[str, Any], answer: HttpAnswer, target: Target) -> int | None:
    """Prompt tokens read from the server's cache, as OpenAI tells them, or DeepSeek."""
    found = _count(_inner(usage, "prompt_tokens_details"), "cached_tokens", answer, target)
    return _count(usage, "prompt_cache_hit_tokens", answer, target) if found is None else found


def _count(usage: Mapping[str, Any], name: str, answer: HttpAnswer, target: Target) -> int | None:
    value = usage.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise invalid(f"The usage says {name} = {value!r}", answer, target)
    return value


def no_such_kind(provider: str, ask: Ask, cure: str) -> InvalidRequest:
    """The error of a provider that cannot do this kind of asking."""
    return InvalidRequest(f"{provider} cannot do {ask.kind!r}: {cure}")


def unreadable_logprobs(answer: HttpAnswer, target: Target) -> InvalidResponse:
    """The error of an answer that should carry log-probabilities and does not."""
    return invalid(
        "The answer carries no log-probabilities; set the quirk logprobs to false, or use the method 'chat'",
        answer,
        target,
    )
