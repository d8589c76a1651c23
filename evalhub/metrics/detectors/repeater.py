"""The answer ends in a loop: a phrase of 32 tokens or fewer, more than 20 times over; or it is far more
compressible than this endpoint's answers ever were.
"""

from __future__ import annotations

import gzip
import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Final

from evalhub.metrics.detectors.output import Finding, History, Output, cut, snippet

LONGEST_PERIOD: Final = 32
TIMES: Final = 20
LEAST_CHARACTERS: Final = 200  # a loop inside one word, and a compression ratio, mean nothing in short text
FAR: Final = 6.0  # standard deviations of log ratio above the endpoint's own history
LEAST_HISTORY: Final = 30


def detect(output: Output) -> Finding | None:
    """Look for a loop in tokens, then in characters, then at the compression ratio against the endpoint's history."""
    words = cut(output.text)
    period = loop(output.tokens if output.tokens is not None else words)
    if period and len(output.text) >= LONGEST_PERIOD:
        phrase = " ".join(words[-period:]) if output.tokens is None else output.text[-60:]
        return Finding(f"ends in a loop of {period} tokens, over {TIMES} times: {snippet(phrase)!r}")
    ending = output.text.rstrip()
    period = loop(ending[-LEAST_CHARACTERS:]) if len(ending) >= LEAST_CHARACTERS else 0
    if period and LEAST_CHARACTERS // period > TIMES and not _is_rule(ending[-period:]):
        return Finding(f"ends in a loop of {period} characters: {snippet(ending[-period:])!r}")
    return _too_regular(output.text, output.history)


def loop(tokens: Sequence[int] | Sequence[str] | str) -> int:
    """The shortest period (1 to 32) that the end of `tokens` repeats more than 20 times; 0 if none does."""
    for period in range(1, LONGEST_PERIOD + 1):
        needed = period * TIMES + 1  # over 20 times: 20 whole periods and something of the next
        if len(tokens) < needed:
            return 0
        if all(tokens[-i] == tokens[-i - period] for i in range(1, needed - period + 1)):
            return period
    return 0


def log_ratio(text: str) -> float:
    """log(bytes / compressed bytes): what History is made of."""
    raw = text.encode()
    return math.log(max(len(raw), 1) / len(gzip.compress(raw, mtime=0)))


def _too_regular(text: str, history: History | None) -> Finding | None:
    if history is None or history.n < LEAST_HISTORY or len(text) < LEAST_CHARACTERS:
        return None
    ratio = log_ratio(text)
    if ratio <= history.mean + FAR * max(history.sd, 0.05):
        return None
    usual = math.exp(history.mean)
    return Finding(
        f"compresses {math.exp(ratio):.1f} times, where this endpoint's answers compress {usual:.1f} times"
    )


def _is_rule(phrase: str) -> bool:
    """A line of dashes or dots drawn across the page is typography, not a loop."""
    return not any(character.isalnum() for character in phrase)


def history_of(texts: Iterable[str]) -> History | None:
    """The History of an endpoint's sound answers; None for fewer than 30 of at least 200 characters."""
    ratios = [log_ratio(text) for text in texts if len(text) >= LEAST_CHARACTERS]
    if len(ratios) < LEAST_HISTORY:
        return None
    return History(statistics.fmean(ratios), statistics.stdev(ratios), len(ratios))
