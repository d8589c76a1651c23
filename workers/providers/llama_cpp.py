"""`llama_cpp`: a llama.cpp server by its native routes, where letters and log-likelihoods can be had exactly.

Measured against raw logits of the C API (SmolLM2-135M, Gemma 3 270M): forced token ids agree to 0.0026 nats; forced *text*
does not (other tokenisations), and top-k lists or a grammar of letters lose letters. Hence ids throughout.
`base_url` is the OpenAI-compatible address (`http://host:8080/v1`); the native routes stand beside it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from workers.providers import openai_chat, openai_completions
from workers.providers.base import Ask, Capabilities, HttpAnswer, HttpCall, Reply, Send, Target
from workers.providers.errors import InvalidRequest
from workers.providers.http_status import RAW_HEAD, check_status, invalid, read_json
from workers.providers.openai_wire import finite, no_such_kind

FORCING_BIAS = 100.0
TAIL = 64
"""Characters of the prompt's end with which a letter is tokenised: merges never reach further back than a word."""
TOKENS_KEPT = 4096


class LlamaCpp:
    """Native letters and log-likelihoods; chat and completions over the server's OpenAI routes."""

    capabilities = Capabilities(
        chat=True, completion=True, letters="exact", loglikelihood=True, streaming=True
    )

    def __init__(self) -> None:
        self._letter_tokens: dict[tuple[str, str, str, tuple[str, ...]], tuple[int, ...]] = {}

    async def ask(self, send: Send, target: Target, ask: Ask) -> Reply:
        """Ask once; see Provider.ask."""
        if ask.kind == "chat":
            return await openai_chat.PROVIDER.ask(send, target, ask)
        if ask.kind == "completion":
            return await openai_completions.PROVIDER.ask(send, target, ask)
        if ask.kind == "letters":
            return await self._letters(send, target, ask)
        if ask.kind == "loglikelihood":
            return await _loglikelihood(send, target, ask)
        raise no_such_kind("llama_cpp", ask, "choose chat, completion, letters or loglikelihood.")

    async def _letters(self, send: Send, target: Target, ask: Ask) -> Reply:
        """One sampled token with +100 on each letter: the letters' probabilities, renormalised by the server itself."""
        prompt = ask.prompt or await _templated(send, target, ask)
        tokens = await self._tokens_of(send, target, prompt[-TAIL:], ask.letters)
        body = {
            "prompt": prompt,
            "n_predict": 1,
            "n_probs": len(tokens),
            "temperature": 1.0,
            "samplers": ["temperature"],
            "post_sampling_probs": True,
            "logit_bias": [[token, FORCING_BIAS] for token in tokens],
            "cache_prompt": bool(target.quirks.get("cache_prompt", True)),
            **({"seed": ask.seed} if ask.seed is not None else {}),
        }
        answer, data = await _native(send, target, "completion", body)
        probs = _letter_probs(
            data, dict(zip(tokens, (letter.strip() for letter in ask.letters), strict=True)), answer, target
        )
        return dataclasses.replace(
            _native_reply(data, answer),
            text=max(probs, key=lambda letter: probs[letter]),
            letter_probs=probs,
            notes={"engine": "llama.cpp", "letters_missing": [], "cache_prompt": body["cache_prompt"]},
        )

    async def _tokens_of(
        self, send: Send, target: Target, tail: str, letters: tuple[str, ...]
    ) -> tuple[int, ...]:
        """The one token each letter becomes after `tail`; remembered, as most prompts of a run end alike."""
        key = (target.base_url, target.model, tail, letters)
        if (known := self._letter_tokens.get(key)) is not None:
            return known
        before = await _tokenize(send, target, tail)
        tokens = []
        for letter in letters:
            after = await _tokenize(send, target, tail + letter)
            if after[: len(before)] != before or len(after) != len(before) + 1:
                raise InvalidRequest(
                    f"The letter {letter!r} is not one token of its own after {tail[-20:]!r}; use the method 'chat'."
                )
            tokens.append(after[-1])
        if len(self._letter_tokens) >= TOKENS_KEPT:
            self._letter_tokens.clear()
        self._letter_tokens[key] = tuple(tokens)
        return tuple(tokens)


async def _loglikelihood(send: Send, target: Target, ask: Ask) -> Reply:
    """The log-probability of the continuation, by forcing its token ids with a grammar."""
    whole = await _tokenize(send, target, ask.prompt + ask.continuation, special=True)
    context = await _tokenize(send, target, ask.prompt, special=True)
    forced = whole[len(context) :]
    if not context or not forced:
        raise InvalidRequest("A log-likelihood needs a prompt and a continuation of at least one token each.")
    body = {
        "prompt": whole[: len(context)],
        "n_predict": len(forced),
        "n_probs": 1,
        "temperature": 0,
        "top_k": 1,
        "samplers": ["temperature"],
        "cache_prompt": bool(target.quirks.get("cache_prompt", True)),
        "grammar": "root ::= " + " ".join(f"<[{token}]>" for token in forced),
    }
    answer, data = await _native(send, target, "completion", body)
    steps: list[dict[str, Any]] = data.get("completion_probabilities") or []
    got = [step.get("id") for step in steps]
    if got != forced:
        raise invalid(f"The server answered tokens {got[:8]} where {forced[:8]} were forced", answer, target)
    total = sum(finite(step.get("logprob"), answer, target) for step in steps)
    greedy = [_top_id(step) for step in steps] == forced
    return dataclasses.replace(
        _native_reply(data, answer),
        logprob=total,
        is_greedy=greedy,
        notes={"engine": "llama.cpp", "tokens": len(forced)},
    )


def _top_id(step: Mapping[str, Any]) -> Any:
    """The likeliest token's id at one step (before the grammar has its say)."""
    tops = step.get("top_logprobs")
    return tops[0].get("id") if isinstance(tops, list) and tops else None


def _letter_probs(
    data: Mapping[str, Any], letters: Mapping[int, str], answer: HttpAnswer, target: Target
) -> dict[str, float]:
    steps = data.get("completion_probabilities")
    if not isinstance(steps, list) or not steps:
        raise invalid("The answer carries no probabilities; is it a llama.cpp server?", answer, target)
    found = {
        letters[entry["id"]]: finite(entry.get("prob"), answer, target)
        for entry in steps[0].get("top_probs", ())
        if entry.get("id") in letters
    }
    total = sum(found.values())
    if len(found) != len(letters) or total <= 0.0:
        raise invalid(f"Probabilities came for {sorted(found)} of {sorted(letters.values())}", answer, target)
    return {letter: found[letter] / total for letter in letters.values()}


async def _templated(send: Send, target: Target, ask: Ask) -> str:
    """The messages through the model's own chat template, up to where the assistant speaks."""
    _, data = await _native(send, target, "apply-template", {"messages": list(ask.messages)})
    return str(data.get("prompt", ""))


async def _tokenize(send: Send, target: Target, text: str, *, special: bool = False) -> list[int]:
    body = {"content": text, "add_special": special, "parse_special": special}
    answer, data = await _native(send, target, "tokenize", body)
    tokens = data.get("tokens")
    if not isinstance(tokens, list) or not all(isinstance(token, int) for token in tokens):
        raise invalid(f"/tokenize answered {tokens!r:.80}", answer, target)
    return tokens


async def _native(
    send: Send, target: Target, route: str, body: Mapping[str, Any]
) -> tuple[HttpAnswer, dict[str, Any]]:
    answer = await send(HttpCall(f"{native_root(target.base_url)}/{route}", body))
    check_status(answer, target)
    return answer, read_json(answer, target)


def native_root(base_url: str) -> str:
    """The address of the native routes: the OpenAI-compatible one without its `/v1`."""
    return base_url.rstrip("/").removesuffix("/v1")


def _native_reply(data: Mapping[str, Any], answer: HttpAnswer) -> Reply:
    timings: Sequence[Any] | Mapping[str, Any] = data.get("timings") or {}
    cached = timings.get("cache_n") if isinstance(timings, Mapping) else None
    return Reply(
        text=str(data.get("content", "")),
        finish_reason="length" if data.get("stop_type") == "limit" else "stop",
        tokens_in=data.get("tokens_evaluated"),
        tokens_out=data.get("tokens_predicted"),
        cached_tokens=cached if isinstance(cached, int) else None,
        model_reported=str(data.get("model", "")),
        latency_s=answer.latency_s,
        raw_head=answer.body[:RAW_HEAD].decode("utf-8", "replace"),
    )


PROVIDER = LlamaCpp()
