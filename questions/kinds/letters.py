"""Finding chosen letters in what a model wrote: after an answer mark, in a box, bare, bold or in brackets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from questions.kinds.base import Choice, Extracted
from questions.kinds.texts import fold_width, squash

_IS = r"\b(?:is|are|would\s+be|should\s+be|must\s+be)\b"
MARK = re.compile(
    rf"(?<![A-Za-z])answers?(?:\s+(?:choice|option|letter))?\b[*_\s]*+(?:(?::|=|{_IS})[*_\s]*+)+"
    rf"|(?<![A-Za-z])(?:choice|option|order|sequence)s?[*_\s]++{_IS}[*_\s:]*+"
    r"|(?<![A-Za-z])order:[*_\s]*+"
    r"|(?:答案|排序|顺序)[*_\s]*+(?:应该|应当|应|就|依次|分别)?(?:[是为选:=*_]|\s)*+(?<=[是为选:=*_\s])"
    r"|(?:选项|选择)(?:应该|应当|应)?[是为][*_\s:]*+"
    r"|(?:故|因此|所以|因而|应该?|本题|我|综上,?|可以?)选择?[是为:\s]*+[*_]*+"
    r"|####[ \t]*+",
    re.IGNORECASE,
)
BOX = re.compile(r"\\(?:boxed|fbox)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_WRONG_BEFORE = re.compile(
    r"(?:wrong|incorrect|not\s+the|not\s+a\s+correct|错误的?|不正确的?)\s*$", re.IGNORECASE
)
_DRESS = (
    r"[\s\"'`*_$(\[{<「『“‘]*+(?:(?:option|choice|选项)\s*)?(?:\\(?:text|mathrm|mathbf|textbf)\s*\{)?[(*]*"
)
_UNDRESS = r"[)\]}*_\"'`]*+"
_JOINED = (
    rf"{_UNDRESS}\s*+(?:,\s*(?:and|or)\b|\band\b|\bor\b|[,/;&+、]|和|与|及|以及|或)"
    r"\s*[(\[*_]*(?:(?i:option|choice)\s+)?"
)
_LISTED = (
    rf"{_UNDRESS}\s*+(?:,\s*(?:and|then)\b|\band\b|\bthen\b|[,/;>&+、-]+|→|⇒"
    r"|和|与|及|以及|然后|再)?\s*[(\[*_]*"
)
_REFUSED = re.compile(
    r"[\s*_\"'(]*(?:none|neither|no\s+correct|unknown|unclear|cannot|i\s+(?:do\s+not|don't)|n/a"
    r"|无(?!监)|没有|都不|均不|不知道|不确定|无法)",
    re.IGNORECASE,
)
_SHORT = 100  # signs: a text that is hardly more than its answer
_ENDING = 300  # signs: where a conclusion stands
_LONGEST_TAIL = 2000  # signs after a mark in which a list of chosen lines may stand
_PHRASE = 10  # letters and digits: long enough that a choice is hardly quoted in passing
_GOES_ON = r"(?![A-Za-z0-9'’])"
_VERB = r"(?!\s+(?:is|are|was|has|does|can|would)\b)"
_ARTICLE = re.compile(
    r"\s+(?!(?:because|since|as|for|and|or|but|which|due|is|was|in|given|so|if|with)\b)[a-z]"
)

Reader = Callable[[str, tuple[str, ...]], str | None]
"""Reads the start of a text: a canonical response, "" where letters stand there but contradict, None where
none do.
"""


def marked(text: str) -> Iterator[tuple[int, int, str]]:
    """Every stretch that claims to be the final answer, in order: (start, end, how) with end open for a
    mark.
    """
    found = [
        (m.end(), len(text), "mark")
        for m in MARK.finditer(text)
        if not _WRONG_BEFORE.search(text[max(0, m.start() - 30) : m.start()])
    ]
    found += [(m.start(1), m.end(1), "box") for m in BOX.finditer(text)]
    return iter(sorted(found))


def read_one(tail: str, letters: tuple[str, ...]) -> str | None:
    """One letter at the start of `tail`: "B", "(B)", "**b**"; "" for "A or B"."""
    run = _run(tail, letters, _JOINED, longest=1)
    if run is None:
        return None
    return run[0] if len(set(run)) == 1 else ""


def read_set(tail: str, letters: tuple[str, ...]) -> str | None:
    """Several letters at the start of `tail`, sorted: "A, C and D" gives "A,C,D"."""
    run = _lines(tail, letters) or _run(tail, letters, _LISTED, longest=len(letters))
    return None if run is None else ",".join(sorted(set(run)))


def read_order(tail: str, letters: tuple[str, ...]) -> str | None:
    """All letters, each once, in the order written: "B > A > D > C"; "" where one is missing or stands
    twice.
    """
    run = _lines(tail, letters) or _run(tail, letters, _LISTED, longest=len(letters))
    if run is None or len(run) < 2:
        return None
    return ",".join(run) if sorted(run) == sorted(letters) else ""


def find_marked(text: str, letters: tuple[str, ...], read: Reader) -> tuple[Extracted | None, bool]:
    """The last marked answer that can be read, and whether to look no further (also where it contradicts
    itself or says that no choice is right).
    """
    folded = fold_width(text)
    for start, end, how in reversed(list(marked(folded))):
        tail = folded[start : min(end, start + _LONGEST_TAIL)]
        value = read(tail, letters)
        if value is not None:
            line = tail.strip().split("\n")[0]
            at = folded.index(line, start) if line else start
            return (Extracted(value, how, (at, at + len(line))) if value else None), True
        if how == "mark" and _REFUSED.match(tail):
            return None, True
    return None, False


def find_bare(text: str, letters: tuple[str, ...]) -> Extracted | None:
    """A letter that opens the first or the last line ("B", "B. ..."), if no line opens with another."""
    folded = fold_width(text).upper() if len(text.strip()) <= len("(B).") else fold_width(text)
    lines = [line for line in folded.splitlines() if line.strip()]
    at = "|".join(letters)
    opening = re.compile(rf"[\s\"'`*_(\[]*({at})[)\]*_\"'`]*(?:[.:)]|[,、](?!\s*(?:{at})(?![a-z]))|\s*$)")
    led = [match for line in lines if (match := opening.match(line))]
    if (
        len({match.group(1) for match in led}) != 1
        or len(led) > 2
        or led[-1].string not in (lines[0], lines[-1])
    ):
        return None
    start = folded.index(led[-1].string) + led[-1].start(1)
    return Extracted(led[-1].group(1), "bare", (start, start + 1))


def find_dressed(text: str, letters: tuple[str, ...]) -> Extracted | None:
    """A letter called correct, in bold or in brackets, where all such letters near the end are the same."""
    start = max(0, len(text) - _ENDING)
    at, ending = f"({'|'.join(letters)})", fold_width(text)[start:]
    patterns = {
        "stated": rf"(?<![A-Za-z]){at}\)?\*{{0,2}}\s*(?:(?:is|would be)\s+(?:the\s+)?(?:most\s+)?"
        r"(?:correct|right|best)\b|(?:选项)?(?:[是为])?(?:正确|对的))",
        "bold": rf"\*\*\s*\(?{at}\)?(?:[.:]|\s*\*\*)",
        "brackets": rf"(?<![A-Za-z0-9~∼¬])(?<!not )[(\[【]\s*{at}\s*[)\]】]",
    }
    for how, pattern in patterns.items():
        hits = [
            hit
            for hit in re.finditer(pattern, ending)
            if how != "brackets" or len(ending) - hit.end() < _SHORT
        ]
        if hits and len({hit.group(1) for hit in hits}) == 1:
            return Extracted(hits[-1].group(1), how, (start + hits[-1].start(1), start + hits[-1].end(1)))
    return None


def find_quoted(text: str, choices: tuple[Choice, ...]) -> Extracted | None:
    """The one choice quoted word for word near the end; one that is part of a longer quoted one is not."""
    start = max(0, len(text) - _ENDING)
    answer, least = squash(text[start:]), 1 if len(text) <= _SHORT else _PHRASE
    texts = {choice.letter: squash(choice.text) for choice in choices}
    quoted = [name for name, words in texts.items() if len(words) >= least and _stands_in(words, answer)]
    longest = [
        name for name in quoted if not any(other != name and texts[name] in texts[other] for other in quoted)
    ]
    return Extracted(longest[0], "quoted", (start, len(text))) if len(longest) == 1 else None


def find_alone(text: str, letters: tuple[str, ...]) -> Extracted | None:
    """The only letter that stands alone in a short text; "A" and "I" are English words and do not count."""
    at = "".join(letter for letter in letters if letter not in "AI")
    if not at or len(text) > _SHORT:
        return None
    pattern = rf"(?<![A-Za-z0-9'’\-])(?<!not )(?<!不是)(?<!不选)([{at}])(?![A-Za-z0-9'’\-])"
    hits = list(re.finditer(pattern, fold_width(text)))
    if len({hit.group(1) for hit in hits}) != 1:
        return None
    return Extracted(hits[-1].group(1), "alone", hits[-1].span(1))


def _run(tail: str, letters: tuple[str, ...], joint: str, *, longest: int) -> list[str] | None:
    """The letters at the start of a text, as far as `joint` joins them; "ACD" is three where `longest`
    allows.
    """
    upper = rf"[{''.join(letters)}]{{1,{longest}}}{_GOES_ON}"
    lower = rf"[{''.join(letters).lower()}]{_GOES_ON}"
    found = re.match(rf"{_DRESS}(?:({upper})|({lower}))", tail)
    if found is None or (found.group().strip().upper() == "A" and _ARTICLE.match(tail, found.end())):
        return None
    item = upper if found.group(1) else lower
    run = found.group(1) or found.group(2)
    while found := re.compile(rf"{joint}({item}){_VERB}").match(tail, found.end()):
        run += found.group(1)
    return list(run.upper())


def _lines(tail: str, letters: tuple[str, ...]) -> list[str] | None:
    """The letters that open the lines of a list, at least two of them: "A. ...", "2. C: ..."."""
    opening = re.compile(rf"\s*(?:[-*]\s+|\d+[.)]\s*)?[*_(\[]*({'|'.join(letters)})[)\]*_]*[.:、)]")
    named = []
    for line in tail.strip().splitlines():
        if (match := opening.match(line)) is None:
            break
        named.append(match.group(1))
    return named if len(named) > 1 else None


def _stands_in(words: str, answer: str) -> bool:
    """Whether `words` occur in `answer`; up to three signs must not be part of a longer number or Latin
    word.
    """
    at = answer.find(words)
    while at >= 0:
        before, after = answer[at - 1 : at] if at else "", answer[at + len(words) : at + len(words) + 1]
        if len(words) > 3 or not (_joins(before, words[0]) or _joins(words[-1], after)):
            return True
        at = answer.find(words, at + 1)
    return False


def _joins(left: str, right: str) -> bool:
    return bool(left and right) and (left + right).isascii() and left.isalnum() and right.isalnum()
