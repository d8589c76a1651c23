"""`openai_completions`: any server with an OpenAI-compatible `/completions` (plain text in, plain text out)."""

from __future__ import annotations

import dataclasses
from typing import Any

from workers.providers.base import Ask, Capabilities, HttpAnswer, Reply, Send, Target
from workers.providers.openai_wire import (
    finite,
    letter_probs,
    no_such_kind,
    post,
    read_reply,
    sampling,
    top_logprobs,
    unreadable_logprobs,
)

PATH = "completions"


class OpenAICompletions:
    """Text in, its continuation out; letters by the log-probabilities of the first token."""

    capabilities = Capabilities(chat=False, completion=True, letters="partial", streaming=True)

    async def ask(self, send: Send, target: Target, ask: Ask) -> Reply:
        """Ask once; see Provider.ask."""
        if ask.kind == "completion":
            answer = await post(send, target, PATH, completion_body(target, ask), ask.stream)
            return read_reply(answer, target)[0]
        if ask.kind == "letters" and ask.prompt:
            answer = await post(send, target, PATH, letters_body(target, ask), stream=False)
            return read_letters(answer, target, ask)
        raise no_such_kind(
            "openai_completions", ask, "choose the provider openai_chat, or llama_cpp for llama.cpp."
        )


def completion_body(target: Target, ask: Ask) -> dict[str, Any]:
    """The JSON body of a completions request."""
    return {"model": target.model, "prompt": ask.prompt, **sampling(target, ask)}


def letters_body(target: Target, ask: Ask) -> dict[str, Any]:
    """The JSON body that asks for one token and the likeliest alternatives to it."""
    one_token = dataclasses.replace(ask, max_tokens=1, temperature=0.0, top_p=None, stop=(), stream=False)
    return {**completion_body(target, one_token), "logprobs": top_logprobs(target)}


def read_letters(answer: HttpAnswer, target: Target, ask: Ask) -> Reply:
    """The reply with the letters' probabilities. Raises InvalidResponse where log-probabilities are missing."""
    reply, choice = read_reply(answer, target)
    tops = (choice.get("logprobs") or {}).get("top_logprobs")
    if not isinstance(tops, list) or not tops or not isinstance(tops[0], dict):
        raise unreadable_logprobs(answer, target)
    pairs = [(str(token), finite(value, answer, target)) for token, value in tops[0].items()]
    probs, notes = letter_probs(pairs, ask.letters)
    return dataclasses.replace(reply, letter_probs=probs, notes=notes)


PROVIDER = OpenAICompletions()
