"""The answer is the prompt again: nearly all of its word sequences stand in the prompt."""

from __future__ import annotations

from typing import Final

from evalhub.metrics.detectors.output import Finding, Output, cut, snippet

SHINGLE: Final = 8
LEAST_TOKENS: Final = 24  # a quoted option or sentence is no copy
COPIED_SHARE: Final = 0.8


def detect(output: Output) -> Finding | None:
    """Flag where at least 80 % of the answer's 8-token sequences occur in the prompt."""
    if len(output.text) < LEAST_TOKENS:  # a token is a character at least
        return None
    answer, prompt = cut(output.text.casefold()), cut(output.prompt.casefold())
    if len(answer) < LEAST_TOKENS or len(prompt) < SHINGLE:
        return None
    known = {tuple(prompt[i : i + SHINGLE]) for i in range(len(prompt) - SHINGLE + 1)}
    pieces = [tuple(answer[i : i + SHINGLE]) for i in range(len(answer) - SHINGLE + 1)]
    share = sum(piece in known for piece in pieces) / len(pieces)
    if share < COPIED_SHARE:
        return None
    return Finding(
        f"{share:.0%} of its {SHINGLE}-token sequences stand in the prompt: {snippet(output.text)!r}"
    )
