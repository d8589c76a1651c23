"""What a detector looks at, what it says, and how it cuts text into tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_IDEOGRAPH = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"[{_IDEOGRAPH}]"  # a Chinese or Japanese character is a token
    rf"|[^\W_{_IDEOGRAPH}]+"  # a word or number
    r"|([^\w\s]|_)\1*"  # a run of one mark: a rule of 80 dashes is one token
)


@dataclass(frozen=True, slots=True)
class History:
    """How compressible this endpoint's sound answers have been: mean and standard deviation of log ratio, over n answers."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class Output:
    """One answer. finish_reason: the server's word. is_cut_expected: the request wanted so few tokens that
    the limit is always met (a single letter). tokens: the endpoint's own, where known; else text is cut here.
    """

    text: str
    prompt: str = ""
    finish_reason: str = ""
    is_cut_expected: bool = False
    tokens: Sequence[int] | None = None
    history: History | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Why an answer is degenerate, in words that quote it."""

    reason: str


Detector = Callable[[Output], Finding | None]


def cut(text: str) -> list[str]:
    """Words, single Chinese or Japanese characters, and runs of one mark; white space drops out."""
    return [found.group() for found in _TOKEN.finditer(text)]


def snippet(text: str, limit: int = 60) -> str:
    """A short quotation for a reason."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
