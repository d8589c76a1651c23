"""Bytes that are no text (replacement and private-use characters), or a switch to a script the prompt did not use."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

from evalhub.metrics.detectors.output import Finding, Output, snippet

BROKEN_SHARE: Final = 0.01
LEAST_LETTERS: Final = 80  # shorter answers, a name or a formula, say nothing of language
FOREIGN_SHARE: Final = 0.3
SWITCHED_SHARE: Final = 0.02  # of a Chinese prompt's script left in a long answer

_NOT_PROSE = re.compile(
    r"```.*?(```|\Z)|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|\\\[.*?\\\]|\\\(.*?\\\)|https?://\S+", re.DOTALL
)
_SCRIPTS: Final = (
    "LATIN",
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "CYRILLIC",
    "GREEK",
    "ARABIC",
    "HEBREW",
    "THAI",
)


def detect(output: Output) -> Finding | None:
    """Broken characters first; then scripts, in prose only (code and formulas are Latin in every language)."""
    broken = [character for character in output.text if _is_broken(character)]
    if len(broken) > max(1, BROKEN_SHARE * len(output.text)):
        shown = ", ".join(f"U+{ord(character):04X}" for character in dict.fromkeys(broken[:5]))
        return Finding(f"{len(broken)} of {len(output.text)} characters are no text ({shown})")
    if len(output.text) < LEAST_LETTERS:  # most answers are short, and reading scripts is the costly part
        return None
    answer, prompt = scripts(_NOT_PROSE.sub(" ", output.text)), scripts(output.prompt)
    letters = sum(answer.values())
    if letters < LEAST_LETTERS or not prompt:
        return None
    known = set(prompt) | {"LATIN"}
    foreign = Counter({name: count for name, count in answer.items() if name not in known})
    if foreign and sum(foreign.values()) > FOREIGN_SHARE * letters:
        return Finding(f"switched to {foreign.most_common(1)[0][0].title()} script: {snippet(output.text)!r}")
    main, held = prompt.most_common(1)[0]
    if main != "LATIN" and held * 2 > sum(prompt.values()) and answer[main] < SWITCHED_SHARE * letters:
        return Finding(f"the prompt is in {main} script, the answer is not: {snippet(output.text)!r}")
    return None


def scripts(text: str) -> Counter[str]:
    """How many letters each script has; Japanese kana beside Chinese characters count as their own."""
    found: Counter[str] = Counter()
    for character in text:
        if character.isascii():
            if character.isalpha():
                found["LATIN"] += 1
        elif character.isalpha():
            found[_script(character)] += 1
    return found


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next(
        (script for script in _SCRIPTS if name.startswith(script)), name.partition(" ")[0] or "UNKNOWN"
    )


def _is_broken(character: str) -> bool:
    if character == "\ufffd":
        return True
    if character.isascii():
        return ord(character) < 32 and character not in "\t\n\r\f\v\x1b"
    return unicodedata.category(character) in ("Cn", "Co", "Cs")
