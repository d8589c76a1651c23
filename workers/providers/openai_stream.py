"""A stream of chunks folded into one whole answer, with the time of its first token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from workers.providers.base import HttpAnswer, Target
from workers.providers.errors import ConnectionLost
from workers.providers.http_status import error_of, invalid


def fold_stream(answer: HttpAnswer, target: Target) -> dict[str, Any]:
    """One answer object out of a stream's chunks. Raises ConnectionLost where the stream ended before its end."""
    fold = _Fold()
    for at, data in answer.events:
        if data == b"[DONE]":
            fold.done = True
            break
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise invalid(f"A chunk of the stream is not JSON: {error}", answer, target) from None
        if not isinstance(chunk, dict):
            raise invalid(f"A chunk of the stream is {chunk!r:.80}", answer, target)
        if chunk.get("error"):
            raise error_of(HttpAnswer(500, answer.headers, data), target)
        fold.add(at, chunk)
    if not (fold.done or fold.finish):
        raise ConnectionLost(
            f"The stream of {target.base_url} ended after {len(answer.events)} chunks, before its end."
        )
    return fold.whole()


class _Fold:
    """Gathers chunks of one stream."""

    def __init__(self) -> None:
        self.head: dict[str, Any] = {}
        self.texts: dict[str, list[str]] = {"content": [], "reasoning_content": [], "text": []}
        self.finish = ""
        self.done = False
        self.ttft_s: float | None = None

    def add(self, at: float, chunk: Mapping[str, Any]) -> None:
        for name in ("model", "system_fingerprint", "usage"):
            if chunk.get(name):
                self.head[name] = chunk[name]
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return
        choice = choices[0]
        self.finish = choice.get("finish_reason") or self.finish
        delta = choice.get("delta") or choice
        if not isinstance(delta, dict):
            return
        for name, value in (
            ("content", delta.get("content")),
            ("reasoning_content", delta.get("reasoning_content") or delta.get("reasoning")),
            ("text", delta.get("text")),
        ):
            if isinstance(value, str) and value:
                self.texts[name].append(value)
                self.ttft_s = at if self.ttft_s is None else self.ttft_s

    def whole(self) -> dict[str, Any]:
        """The chunks as one non-streamed answer would have been."""
        joined = {name: "".join(parts) for name, parts in self.texts.items()}
        choice: dict[str, Any] = {"finish_reason": self.finish}
        if joined["text"]:
            choice["text"] = joined["text"]
        else:
            choice["message"] = {
                "content": joined["content"],
                "reasoning_content": joined["reasoning_content"],
            }
        return {**self.head, "choices": [choice], "_ttft_s": self.ttft_s}
