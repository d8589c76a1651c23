"""Where the quotes of a grade stand in the answer, so that a page can mark them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an answer; `is_quote` where a grade rests on it."""

    text: str
    is_quote: bool


def pieces(answer: str, quotes: Iterable[str]) -> list[Piece]:
    """The answer cut at its quotes, widened to whole words; joined again it is the answer, sign for sign."""
    marked = [False] * len(answer)
    for quote in quotes:
        start = answer.find(quote) if quote else -1
        if start >= 0:
            low, high = _whole_words(answer, start, start + len(quote))
            marked[low:high] = [True] * (high - low)
    found: list[Piece] = []
    begin = 0
    for at in range(1, len(answer) + 1):
        if at == len(answer) or marked[at] != marked[begin]:
            found.append(Piece(answer[begin:at], marked[begin]))
            begin = at
    return found


def _whole_words(answer: str, low: int, high: int) -> tuple[int, int]:
    """A long quote is cut to so many signs by its grader, often within a Latin word."""
    while low > 0 and _is_letter(answer[low - 1]) and _is_letter(answer[low]):
        low -= 1
    while high < len(answer) and _is_letter(answer[high]) and _is_letter(answer[high - 1]):
        high += 1
    return low, high


def _is_letter(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()
