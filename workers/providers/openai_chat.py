"""`openai_chat`: any server with an OpenAI-compatible `/chat/completions`."""

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

PATH = "chat/completions"


class OpenAIChat:
    """Chat messages in, text out; letters by the log-probabilities of the first token, where the server gives them."""

    capabilities = Capabilities(chat=True, letters="partial", streaming=True)

    async def ask(self, send: Send, target: Target, ask: Ask) -> Reply:
        """Ask once; see Provider.ask."""
        if ask.kind == "chat":
            answer = await post(send, target, PATH, chat_body(target, ask), ask.stream)
            return read_reply(answer, target)[0]
        if ask.kind == "letters":
            answer = await post(send, target, PATH, letters_body(target, ask), stream=False)
            return read_letters(answer, target, ask)
        raise no_such_kind("openai_chat", ask, "choose the provider openai_completions or llama_cpp.")


def chat_body(target: Target, ask: Ask) -> dict[str, Any]:
    """The JSON body of a chat request."""
    messages = list(ask.messages) or [{"role": "user", "content": ask.prompt}]
    return {"messages": messages, "model": target.model, **sampling(target, ask)}


def letters_body(target: Target, ask: Ask) -> dict[str, Any]:
    """The JSON body that asks for one token and the likeliest alternatives to it."""
    one_token = dataclasses.replace(ask, max_tokens=1, temperature=0.0, top_p=None, stop=(), stream=False)
    return {**chat_body(target, one_token), "logprobs": True, "top_logprobs": top_logprobs(target)}


def read_letters(answer: HttpAnswer, target: Target, ask: Ask) -> Reply:
    """The reply with the letters' probabilities. Raises InvalidResponse where log-probabilities are missing."""
    reply, choice = read_reply(answer, target)
    content = (choice.get("logprobs") or {}).get("content")
    if not content or not isinstance(content[0].get("top_logprobs"), list):
        raise unreadable_logprobs(answer, target)
    pairs = [
        (str(entry.get("token", "")), finite(entry.get("logprob"), answer, target))
        for entry in content[0]["top_logprobs"]
    ]
    probs, notes = letter_probs(pairs, ask.letters)
    return dataclasses.replace(reply, letter_probs=probs, notes=notes)


PROVIDER = OpenAIChat()
