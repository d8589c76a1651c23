"""What the kinds with letters share: the order of the choices, their faults, how they are shown to a
model.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping, Sequence
from typing import Any

from questions.kinds.base import Body, Choice, KindError, Presented, Problem
from questions.kinds.fields import duplicates, items, pair_problems, problem_if, unknown_fields
from questions.kinds.texts import by_language, in_language, squash

_ABOVE = (
    *("all of the above", "none of the above", "both of the above", "all the above"),
    *("以上都", "以上皆", "以上全", "以上均", "上述都", "上述皆", "上述全部", "上述均"),
)


def shuffled(question_id: str, seed: int, count: int) -> list[int]:
    """A permutation of 0..count-1 that (question id, seed) alone decides, on every machine and Python
    alike.
    """

    def rank(index: int) -> bytes:
        return hashlib.sha256(f"{question_id}|{seed}|{index}".encode()).digest()

    return sorted(range(count), key=rank)


def lettered(texts: Sequence[str], order: Sequence[int]) -> tuple[Choice, ...]:
    """The texts in this order, with the letters A, B, C ..."""
    return tuple(
        Choice(letter, index, texts[index])
        for letter, index in zip(string.ascii_uppercase, order, strict=False)
    )


def presented_choices(body: Body, language: str, seed: int) -> tuple[Choice, ...]:
    """The choices of a body in the order of this seed, or in their own order where it says `order: fixed`."""
    found = body.get("choices")
    if not isinstance(found, list) or not found:
        raise KindError(f"{body.get('id')} has no choices; write 3 to 6")
    texts = [
        in_language(entry.get("text"), language, f"choices[{at}].text") for at, entry in enumerate(found)
    ]
    fixed = body.get("order") == "fixed"
    return lettered(texts, range(len(texts)) if fixed else shuffled(str(body["id"]), seed, len(texts)))


def correct_indices(body: Body) -> list[int]:
    """The indices, in the question's own order, of the choices marked correct."""
    return [index for index, entry in enumerate(body["choices"]) if entry.get("correct") is True]


def choice_problems(body: Body, *, correct: tuple[int, int]) -> list[Problem]:
    """Faults of `choices` and `order`; `correct` is the least and the greatest number of right ones."""
    entries, found = items(body.get("choices"), "choices", 3, 6)
    for index, entry in enumerate(entries):
        found += _entry_problems(entry, f"choices[{index}]")
    if found:
        return found
    right, low, high = len(correct_indices(body)), correct[0], min(correct[1], len(entries) - 1)
    wanted = f"{low}" if low == high else f"{low} to {high}"
    found += problem_if(
        not low <= right <= high, "choices", f"{right} are marked `correct: true`; mark {wanted}"
    )
    found += problem_if(
        body.get("order", "fixed") != "fixed", "order", "is unknown; write `fixed` or leave it out"
    )
    for language in ("zh-Hans", "en"):
        same = duplicates([squash(entry["text"][language]) for entry in entries])
        found += problem_if(
            bool(same), "choices", f"say the same thing twice in {language}: {', '.join(same)}"
        )
    return found


def listing(presented: Presented) -> str:
    """The stem and the lettered choices, as a model or a plain page shows them."""
    lines = [f"{choice.letter}. {choice.text}" for choice in presented.choices]
    return f"{presented.stem}\n\n" + "\n".join(lines)


def letter_cue(presented: Presented, language: str) -> tuple[str, tuple[str, ...]]:
    """The listing and an open `Answer:`; the letters follow after one space in English, at once in
    Chinese.
    """
    cue = by_language(language, zh="答案：", en="Answer:")
    return f"{listing(presented)}\n\n{cue}", presented.letters


def choice_with(presented: Presented, letter: str) -> Choice:
    """The choice shown under this letter."""
    return next(choice for choice in presented.choices if choice.letter == letter)


def _entry_problems(entry: Any, path: str) -> list[Problem]:
    if not isinstance(entry, Mapping):
        return [Problem(path, f"is {entry!r}; write {{text: ..., rationale: ...}}")]
    found = unknown_fields(entry, ("text", "correct", "rationale"), path)
    found += pair_problems(entry.get("text"), f"{path}.text")
    flag = entry.get("correct", False)
    found += problem_if(not isinstance(flag, bool), f"{path}.correct", f"is {flag!r}; write true or false")
    if "rationale" in entry or flag is not True:
        found += pair_problems(entry.get("rationale"), f"{path}.rationale")
    return found + _above_problems(entry.get("text"), path)


def _above_problems(pair: Any, path: str) -> list[Problem]:
    sides = pair.items() if isinstance(pair, Mapping) else ()
    return [
        Problem(f"{path}.text.{side}", f"says {phrase!r}, but the order is shuffled; name what is meant")
        for side, text in sides
        for phrase in _ABOVE
        if phrase in str(text).casefold()
    ]
