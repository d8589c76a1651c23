"""Whether the form of a set gives its answers away: where the right choice stands, and whether it is
the longest.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from questions.kinds import KINDS
from questions.kinds.base import LANGUAGES, Body

LONGEST_LIMIT = 0.35
FEWEST = 20  # questions below which a share says nothing
_TOO_UNLIKELY = 0.001


def key_positions(bodies: Iterable[Body], seed: int = 0) -> Mapping[str, int]:
    """How often the right choice stands under each letter, as presented with this seed (single choice
    only).
    """
    kind = KINDS["single_choice"]
    counts: Counter[str] = Counter()
    for body in bodies:
        shown = kind.present(body, language=LANGUAGES[0], seed=seed)
        counts[next(choice.letter for choice in shown.choices if choice.index == shown.key["index"])] += 1
    return dict(sorted(counts.items()))


def is_balanced(bodies: Sequence[Body], seed: int = 0) -> bool:
    """False where the letters of the right choices are further from even than one shuffle in 1000 would
    bring.

    Pearson's chi-square over the letters, expected counts from each question's own number of choices.
    """
    if len(bodies) < FEWEST:
        return True
    expected: Counter[str] = Counter()
    for body in bodies:
        for letter in "ABCDEF"[: len(body["choices"])]:
            expected[letter] += 1 / len(body["choices"])  # type: ignore[assignment]  # a Counter of floats
    seen = key_positions(bodies, seed)
    statistic = sum((seen.get(letter, 0) - even) ** 2 / even for letter, even in expected.items())
    return _chi_square_tail(statistic, len(expected) - 1) >= _TOO_UNLIKELY


def longest_share(bodies: Sequence[Body], language: str) -> float | None:
    """The share of single-choice questions whose right choice is longer than every other; None for no
    questions.
    """
    if not bodies:
        return None
    return sum(_is_longest(body["choices"], language) for body in bodies) / len(bodies)


def _is_longest(choices: Sequence[Mapping[str, Any]], language: str) -> bool:
    sizes = [(len(choice["text"][language].strip()), choice.get("correct") is True) for choice in choices]
    right = max(size for size, correct in sizes if correct)
    return all(size < right for size, correct in sizes if not correct)


def _chi_square_tail(statistic: float, freedom: int) -> float:
    """P(X >= statistic) by Wilson and Hilferty's cube-root approximation (1931); within 0.001 near the
    limit.
    """
    if freedom < 1:
        return 1.0
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2))
