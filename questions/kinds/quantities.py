"""Numbers with units as people and models write them: `2.0 GiB`, `1.5e3`, `1,024`, `约 112 GB`,
`$2\\times10^{9}$`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from questions.kinds.letters import marked
from questions.kinds.texts import fold_width
from questions.kinds.units import canonical, factor, is_plain

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_DIGITS = r"(?:\d{1,3}(?:[,_ \u00a0\u2009\u202f]\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_TIMES_TEN = r"\s*[×xX*·]\s*10\s*(?:(?:\^|\*\*)\s*[({]?\s*([+\-−]?\d+)\s*[)}]?|([⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
_POWER = r"\s*(?:\^|\*\*)\s*[({]?\s*([+\-−]?\d+)\s*[)}]?"
_NUMBER = re.compile(
    rf"(?P<sign>[+\-−]\s*)?(?P<digits>{_DIGITS})"
    rf"(?:[eE](?P<e>[+\-−]?\d+)(?![\d.])|(?P<ten>{_TIMES_TEN})|(?P<power>{_POWER})|(?P<raised>[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
)
_BIG_CHINESE = {
    "万亿": 1e12,
    "百亿": 1e10,
    "十亿": 1e9,
    "千万": 1e7,
    "百万": 1e6,
    "亿": 1e8,
    "万": 1e4,
    "千": 1e3,
}
_BIG_ENGLISH = {"trillion": 1e12, "billion": 1e9, "million": 1e6, "thousand": 1e3}
_BIG_WORDS = _BIG_CHINESE | _BIG_ENGLISH
_BIG_LETTERS = {"T": 1e12, "B": 1e9, "b": 1e9, "M": 1e6, "K": 1e3, "k": 1e3, "bn": 1e9, "W": 1e4, "w": 1e4}
_BIG = re.compile(rf"[\s-]*({'|'.join(_BIG_WORDS)})", re.IGNORECASE)
_BIG_LETTER = re.compile(r"\s?(bn|[TBbMKkWw])(?![A-Za-z0-9])")
_OVER = re.compile(rf"\s*/\s*({_DIGITS})(?![A-Za-z\d])")
_WORD = r"(?:[A-Za-zµμ]+|[%‰$¥]|[一-鿿]{1,4})"
_UNIT = re.compile(
    rf"\s*({_WORD}(?:(?:\s*[·*/]\s*|\s+per\s+|\s*每\s*|\s+)(?:[A-Za-zµμ]+|[一-鿿]{{1,2}})){{0,3}}|/\s*[A-Za-z]+)"
)
_LONGEST_LINE = 400  # signs after a mark that can belong to an answer
_LATEX = (
    (re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"\1/\2"),
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname|mbox)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\boxed\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\(?:approx|simeq|sim)(?![A-Za-z])"), "≈"),
    (re.compile(r"\\times(?![A-Za-z])"), "×"),
    (re.compile(r"\\cdot(?![A-Za-z])"), "·"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\([%$])"), r"\1"),
    (re.compile(r"\\[,;:! ]|\\q?quad\b|\\left|\\right"), " "),
    (re.compile(r"\*\*(?!\s*[({]?\d)|[`\"“”‘’_](?=\D|$)|\$(?!\s*\d)|(?<![A-Za-z])\$"), " "),
)
_ABOUT = re.compile(
    r"[\s*:=≈~∼≃(\[<>]*(?:(?:about|approximately|approx\.?|around|roughly|nearly|约为?|大约|大概|近似|近|为|是|共)[\s*:=≈~∼]*)*",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:[-–—~]|to|至|到)\s*\d")
_OR = re.compile(r"\s*(?:or|或者?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, its unit in Pint's words (None where none was written), and where it ends in the text
    read.
    """

    value: float
    unit: str | None
    end: int

    def within(self, wanted: str) -> float | None:
        """The number in `wanted`; a bare number is taken as given in it. None where the units do not fit."""
        if self.unit is None:
            return self.value
        scale = factor(self.unit, wanted)
        return None if scale is None else self.value * scale

    def __str__(self) -> str:
        return f"{self.value:.15g} {self.unit}".strip() if self.unit else f"{self.value:.15g}"


def clean(text: str) -> str:
    """Width folded, LaTeX and Markdown dress taken off; the length changes."""
    text = fold_width(text)
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    return text


def read_answer(text: str, wanted: str) -> Quantity | None:
    """The one quantity that a line concludes with: what follows its last `=` or `≈`, else what it opens with.

    `wanted` is the canonical unit asked for. None where there is no number, a range, or two that differ.
    """
    line = next((line for line in clean(text).splitlines() if line.strip(" *_$")), "")
    starts = [0, *(match.end() for match in re.finditer(r"[=≈≃]", line))]
    for start in reversed(starts):
        found = read_quantity(line[start:], wanted)
        if found is not None:
            return None if _is_open(line[start:], found, wanted) else found
    return None


def read_quantity(text: str, wanted: str) -> Quantity | None:
    """The quantity at the start of an already cleaned text, words such as "about" passed over."""
    opening = _ABOUT.match(text)
    number = _NUMBER.match(text, opening.end() if opening else 0)
    if number is None:
        return None
    value, end = _value(number), number.end()
    if (over := _OVER.match(text, end)) and is_plain(wanted) and float(over.group(1).replace(",", "")):
        value, end = value / float(over.group(1).replace(",", "")), over.end()
    if big := _BIG.match(text, end):
        value, end = value * _BIG_WORDS[big.group(1).lower()], big.end()
    elif is_plain(wanted) and (letter := _BIG_LETTER.match(text, end)):
        value, end = value * _BIG_LETTERS[letter.group(1)], letter.end()
    unit, end = _read_unit(text, end)
    return Quantity(value, unit, end)


def quantities(text: str, wanted: str) -> Iterator[Quantity]:
    """Every quantity of a cleaned text, from left to right."""
    at = 0
    while number := re.compile(r"(?<![A-Za-z\d.])[+\-−]?(?:\d|\.\d)").search(text, at):
        found = read_quantity(text[number.start() :], wanted)
        if found is None:
            return
        at = number.start() + max(1, found.end)
        yield found


def find_quantity(text: str, wanted: str) -> tuple[Quantity, str, tuple[int, int]] | None:
    """The answer in a model's output, by which rule, and the span of the text it was read from.

    The last marked or boxed one; else a text of one line; else the last line, a bold one, or all of the
    text, where
    these hold one quantity only.
    """
    folded = fold_width(text)
    for start, end, how in reversed(list(marked(folded))):
        line = _first_line(folded[start : min(end, start + _LONGEST_LINE)])
        if found := read_answer(line, wanted):
            return found, how, (start, min(end, start + len(line)))
    lines = [line for line in folded.splitlines() if line.strip()]
    bold = re.findall(r"\*\*([^*\n]+)\*\*", folded)
    for how, part in (
        ("bare", lines[0] if len(lines) == 1 else ""),
        *(("last line", line) for line in lines[-1:]),
    ):
        if part and ("=" in part or "≈" in part) and (found := read_answer(part, wanted)):
            return found, how, _span(folded, part)
    for how, part in (
        ("last line", lines[-1] if lines else ""),
        ("bold", " ; ".join(bold)),
        ("alone", folded),
    ):
        several = list(quantities(clean(part), wanted))
        if len(several) == 1:
            return several[0], how, _span(folded, part)
    return None


def _value(number: re.Match[str]) -> float:
    digits = re.sub(r"[,_\s\u00a0\u2009\u202f]", "", number["digits"])
    sign = -1.0 if (number["sign"] or "").strip() in ("-", "−") else 1.0
    value = float(digits)
    if number["e"]:
        value *= 10.0 ** _exponent(number["e"])
    elif number["ten"]:
        found = re.fullmatch(_TIMES_TEN, number["ten"])
        value *= 10.0 ** _exponent((found and (found[1] or found[2])) or "0")
    elif number["power"]:
        value = _power(value, _exponent(re.sub(r"[^\d+\-−]", "", number["power"])))
    elif number["raised"]:
        value = _power(value, _exponent(number["raised"]))
    return sign * value


def _exponent(digits: str) -> int:
    return max(-300, min(300, int(digits.translate(_SUPERSCRIPTS).replace("−", "-")[:9])))


def _power(base: float, exponent: int) -> float:
    """The power, or infinity where a float cannot hold it: such an answer is wrong, not an error."""
    try:
        return float(base**exponent)
    except (OverflowError, ZeroDivisionError):
        return float("inf")


def _read_unit(text: str, at: int) -> tuple[str | None, int]:
    """The longest run of words that is a unit, and where it ends; None where not even the first word
    is one.
    """
    match = _UNIT.match(text, at)
    words = match.group(1) if match else ""
    while match and words:
        if unit := canonical(words):
            return unit, match.start(1) + len(words)
        shorter = re.sub(r"\s*(?:[·*/]\s*|\bper\s+|每\s*|\s)?(?:[A-Za-zµμ]+|[一-鿿]|[%‰$¥])$", "", words)
        words = shorter if shorter != words else ""
    return None, at


def _is_open(line: str, found: Quantity, wanted: str) -> bool:
    """Whether the line goes on to a range, or to an alternative that says something else."""
    rest = line[found.end :]
    if _RANGE.match(rest):
        return True
    joint = _OR.match(rest)
    other = read_quantity(rest[joint.end() :], wanted) if joint else None
    mine, theirs = found.within(wanted), other.within(wanted) if other else None
    return mine is not None and theirs is not None and abs(mine - theirs) > 0.02 * abs(mine)


def _first_line(text: str) -> str:
    stripped = text.lstrip(" \t\n*_$")
    return text[: len(text) - len(stripped)] + stripped.split("\n")[0]


def _span(text: str, part: str) -> tuple[int, int]:
    at = max(0, text.find(part))
    return at, at + len(part)
