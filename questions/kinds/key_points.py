"""Grading free text with no judge: does the answer say each point, in words of its alias list, and not deny
it?

This is the lowest rung: it finds words, not thoughts, so a list of the right words earns what an
explanation earns.
Its grades carry the rung `key_points` and are never mixed with a judge's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from questions.kinds.rubric import Criterion, VerdictName
from questions.kinds.texts import fold_width, is_cjk, squash

_LEAST_WORDS = 5.0  # words; a Han character counts as half a word
_LEAST_NOVELTY = 0.15  # distinct share of character 3-grams, below which a text only repeats itself
_SENTENCE = re.compile(r"[^。!?;\n.]*(?:[.](?!\s|$)[^。!?;\n.]*)*[。!?;\n.]?")
_CLAUSE = re.compile(r"[,、。;:!?()\n]|\.\s|\bbut\b|而是|但是?|却|只需|\binstead,?\b(?! of)")
_NOT_ZH = re.compile(
    r"不(?![仅但只光同过断错管论妨])|没有?|无(?!论|监督|损|穷|限|偏)|未(?!来)|非(?!常|线性|对称|零|结构)|别(?!的)|勿|避免"
)
_NOT_EN = re.compile(
    r"(?:\b(?:no|not|never|without|neither|nor|cannot|lacks?|lacking|avoids?|unlike)\b"
    r"|n't\b|\b(?:instead of|rather than)\b)"
    r"(?!\s+(?:only|just|merely|matter))"
)
_DENIED_AFTER = re.compile(
    r"\s*(?:其实|都|也|并|是)?(?:不需要|不重要|不必要|没有用|没用|不存在)"
    r"|\s+(?:is|are|was|were)(?:n't|\s+not|\s+never)\s+(?:needed|required|necessary|important|relevant)"
)
_WINDOW_ZH, _WINDOW_EN = 6, 4  # Han characters, English words, before the alias and within its clause


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether one criterion is covered, the sentence that shows it, and why not where it is mentioned
    but denied.
    """

    criterion: str
    verdict: VerdictName
    quote: str = ""
    note: str = ""


def cover(criterion: Criterion, answer: str) -> Coverage:
    """Look for any alias of the criterion in the answer; one mention that is not denied is enough."""
    text, denied = _plain(answer), None
    for start, end in _mentions(criterion.aliases, text):
        if not _is_denied(text, start, end):
            return Coverage(criterion.id, "met", _sentence_at(answer, start, end))
        denied = denied or (start, end)
    if denied:
        return Coverage(criterion.id, "not_met", _sentence_at(answer, *denied), "denied")
    return Coverage(criterion.id, "not_met")


def content_fault(answer: str, stem: str) -> str:
    """Why an answer is not worth grading: `too short`, `echo`, `repeats`; "" where it is.

    Stops bare openers ("Solution:"), pasted questions and looped text before any point is counted.
    """
    if _words(answer) < _LEAST_WORDS:
        return "too short"
    if _words(without_echo(answer, stem)) < _LEAST_WORDS:
        return "echo"
    signs = squash(answer)
    grams = [signs[at : at + 3] for at in range(len(signs) - 2)]
    return "repeats" if len(grams) >= 200 and len(set(grams)) < _LEAST_NOVELTY * len(grams) else ""


def without_echo(answer: str, stem: str) -> str:
    """The answer with sentences that stand in the question blanked out; every other sign keeps its place."""
    asked = squash(stem)
    kept = list(answer)
    for match in _SENTENCE.finditer(_plain(answer)):
        said = squash(match.group())
        if len(said) >= 6 and said in asked:
            kept[match.start() : match.end()] = " " * (match.end() - match.start())
    return "".join(kept)


def _plain(text: str) -> str:
    """Width and case folded, sign by sign."""
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in fold_width(text))


def _mentions(aliases: tuple[str, ...], text: str) -> Iterator[tuple[int, int]]:
    for alias in aliases:
        for match in _pattern(alias).finditer(text):
            yield match.span()


def _pattern(alias: str) -> re.Pattern[str]:
    """The alias with free spacing between its words and scripts, as whole words where it is Latin."""
    parts = re.findall(r"[a-z0-9]+|[^\sa-z0-9\-_]", _plain(alias))
    body = r"[\s\-_]*".join(re.escape(part) for part in parts)
    before = r"(?<![a-z0-9])" if parts and parts[0].isascii() and parts[0].isalnum() else ""
    after = r"(?:e?s)?(?![a-z0-9])" if parts and parts[-1].isascii() and parts[-1].isalnum() else ""
    return re.compile(before + body + after if parts else r"(?!)")


def _is_denied(text: str, start: int, end: int) -> bool:
    """Whether a negation stands in the window before the mention, or the clause goes on to deny it."""
    clause = _CLAUSE.split(text[max(0, start - 80) : start])[-1]
    words = re.findall(r"[a-z']+\s*", clause)
    near_en = "".join(words[-_WINDOW_EN:]) if words else ""
    near_zh = clause.rstrip()[-_WINDOW_ZH:]
    return bool(_NOT_EN.search(near_en) or _NOT_ZH.search(near_zh) or _DENIED_AFTER.match(text, end))


def _sentence_at(answer: str, start: int, end: int) -> str:
    """The sentence around a mention, word for word, cut to 160 signs."""
    plain = fold_width(answer)
    for match in _SENTENCE.finditer(plain):
        if match.start() <= start < match.end():
            left, right = max(match.start(), start - 80), max(end, min(match.end(), end + 80))
            return answer[left:right].strip()
    return answer[start:end]


def _words(text: str) -> float:
    latin = len(re.findall(r"[A-Za-z]{2,}", text))
    return latin + sum(0.5 for sign in text if is_cjk(sign))
