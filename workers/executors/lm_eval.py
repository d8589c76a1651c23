"""`lm_eval`: a document of an lm-eval benchmark. Asks what lm-eval's task code built, keeps the responses as they are.

The item's spec has `requests`, made when the suite was composed (workers.benchmarks.building):

    {"type": "generate_until", "prompt": "...", "messages": [...], "options": {"until": [...], ...}}
    {"type": "loglikelihood", "context": "...", "continuations": ["...", ...]}      one request a continuation
    {"type": "loglikelihood_rolling", "text": "..."}

and `copies`, how often each is asked. Grading waits for the run's end (evalhub.runs.benchmarks): filters and aggregates need
lm-eval, and some need all documents. lm_eval itself is not imported here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from workers.executors.base import ItemSpec, Result, RunSettings
from workers.executors.items import ItemSpecError, key_of
from workers.executors.rendering import sampling_for, seed_for
from workers.providers.base import Ask, Reply

MOST_STOPS = 4  # OpenAI refuses more with a 400; the others are cut here
_READ = frozenset(("until", "do_sample", "temperature", "top_p", "max_gen_toks", "max_tokens"))


class LmEval:
    """An lm-eval document; see ManyAsks."""

    def render_all(self, item_spec: ItemSpec, settings: RunSettings, *, repeat: int = 0) -> tuple[Ask, ...]:
        """The document's requests in order, copies of one request side by side; see ManyAsks.render_all."""
        copies = int(item_spec.get("copies", 1))
        key = key_of(item_spec)
        asks = [
            dataclasses.replace(ask, seed=seed_for(settings, key, repeat * copies + copy))
            for request in _requests(item_spec)
            for ask in _asks(request, settings)
            for copy in range(copies)
        ]
        return tuple(asks)

    def settle_all(self, item_spec: ItemSpec, replies: Sequence[Reply], settings: RunSettings) -> Result:
        """The responses, waiting for lm-eval; see ManyAsks.settle_all. Their text is JSON: a list a request, of its copies."""
        copies = int(item_spec.get("copies", 1))
        kinds = [
            (request["type"], request) for request in _requests(item_spec) for _ in _asks(request, settings)
        ]
        responses = [
            [_response(kind, request, reply) for reply in replies[number * copies : (number + 1) * copies]]
            for number, (kind, request) in enumerate(kinds)
        ]
        return Result("ungraded", None, text=orjson.dumps(responses).decode())


def _requests(item_spec: ItemSpec) -> Sequence[Mapping[str, Any]]:
    requests = item_spec.get("requests")
    if not requests:
        raise ItemSpecError(f"Item {item_spec.get('key', '?')!r} has no 'requests'; compose the suite again.")
    return requests  # type: ignore[no-any-return]


def _asks(request: Mapping[str, Any], settings: RunSettings) -> Iterator[Ask]:
    kind = request["type"]
    if kind == "loglikelihood":
        for continuation in request["continuations"]:
            yield Ask(
                "loglikelihood", prompt=request["context"], continuation=continuation, extra=settings.extra
            )
    elif kind == "loglikelihood_rolling":
        yield Ask("loglikelihood", continuation=request["text"], extra=settings.extra)
    elif kind == "generate_until":
        yield _generation(request, settings)
    else:
        raise ItemSpecError(f"An item has a request of type {kind!r}; compose the suite again.")


def _generation(request: Mapping[str, Any], settings: RunSettings) -> Ask:
    """A generated answer: as chat unless the run asks in plain text. What the benchmark says goes before the settings."""
    options = request.get("options") or {}
    fields = sampling_for(settings)
    fields["max_tokens"] = options.get("max_tokens", options.get("max_gen_toks", settings.max_tokens))
    fields["temperature"] = options.get("temperature", settings.temperature)
    fields["top_p"] = options.get("top_p", settings.top_p)
    fields["stop"] = _stops(options)[:MOST_STOPS]
    fields["extra"] = {
        **{name: value for name, value in options.items() if name not in _READ},
        **settings.extra,
    }
    system = settings.system_prompt
    is_chat = settings.method == "chat" if settings.chat_template is None else settings.chat_template
    messages = request.get("messages")
    if not is_chat or not messages:
        prompt = f"{system}\n\n{request['prompt']}" if system else request["prompt"]
        return Ask("completion", prompt=prompt, **fields)
    if system and messages[0].get("role") == "system":
        messages = [{**messages[0], "content": f"{system}\n\n{messages[0]['content']}"}, *messages[1:]]
    elif system:
        messages = [{"role": "system", "content": system}, *messages]
    return Ask("chat", messages=tuple(messages), **fields)


def _response(kind: str, request: Mapping[str, Any], reply: Reply) -> Any:
    if kind == "generate_until":
        return _cut(reply.text, _stops(request.get("options") or {})[MOST_STOPS:])
    if reply.logprob is None:
        raise ItemSpecError(
            "The server gave no log-probability; choose an endpoint that has them (see its doctor's report)."
        )
    return reply.logprob if kind == "loglikelihood_rolling" else [reply.logprob, bool(reply.is_greedy)]


def _stops(options: Mapping[str, Any]) -> tuple[str, ...]:
    until = options.get("until") or ()
    return (until,) if isinstance(until, str) else tuple(until)


def _cut(text: str, stops: Sequence[str]) -> str:
    """`text` up to the first of the stops that could not be sent along."""
    places = [place for stop in stops if stop and (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else text


EXECUTOR = LmEval()
