"""Splitting a model's reasoning from its answer. Pure.

Servers without a reasoning parser leave `<think> ... </think>` in the text; some chat templates put the opening tag
into the prompt, so that only the closing one is seen. A reasoning that never ends is not an answer: the text is then
empty and the finish reason `length`, whatever the server said.
"""

from __future__ import annotations

import dataclasses

from workers.providers.base import Reply

_TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
)


def split_reasoning(reply: Reply, *, opened_in_prompt: bool = False) -> Reply:
    """The reply with reasoning moved out of the text. `opened_in_prompt`: the template itself opens the reasoning."""
    text = reply.text
    if "<" not in text and not opened_in_prompt:
        return reply
    for opening, closing in _TAGS:
        head, is_closed, tail = text.partition(closing)
        is_started = _starts(text, opening)
        if is_closed and (is_started or (opening not in head and not head.endswith("`"))):
            return _moved(reply, head.replace(opening, "", 1), tail)
        if is_started:
            return _unfinished(reply, text.lstrip()[len(opening) :])
    if opened_in_prompt and not reply.reasoning:
        return _unfinished(reply, text)
    return reply


def _starts(text: str, opening: str) -> bool:
    return text.lstrip().startswith(opening)


def _moved(reply: Reply, reasoning: str, answer: str) -> Reply:
    joined = "\n".join(part for part in (reply.reasoning, reasoning.strip()) if part)
    return dataclasses.replace(reply, text=answer.strip(), reasoning=joined)


def _unfinished(reply: Reply, reasoning: str) -> Reply:
    joined = "\n".join(part for part in (reply.reasoning, reasoning.strip()) if part)
    return dataclasses.replace(reply, text="", reasoning=joined, finish_reason="length")
