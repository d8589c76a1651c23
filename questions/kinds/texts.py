"""Text as people and models really write it: width, case, spaces and punctuation that carry no meaning."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from questions.kinds.base import LANGUAGES, KindError

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_MEANINGFUL = frozenset("#%")  # C# is not C, and 5% is not 5


def fold_width(text: str) -> str:
    """Full-width letters, digits and signs as ASCII; keeps the length, so spans still point into the
    original.
    """
    return text.translate(_HALF_WIDTH)


class _Kept(dict[int, int | None]):
    """Which code points `squash` keeps, decided once for each."""

    def __missing__(self, code: int) -> int | None:
        sign = chr(code)
        kept = sign in _MEANINGFUL or unicodedata.category(sign)[0] not in "PZC"
        self[code] = code if kept else None
        return self[code]


_KEPT = _Kept()


def squash(text: str) -> str:
    """The letters, digits and symbols alone, case and width folded: texts that differ only in manner
    are equal.
    """
    return unicodedata.normalize("NFKC", text).casefold().translate(_KEPT)


def is_cjk(sign: str) -> bool:
    """True for a Han character, which counts as a word of its own."""
    return "\u4e00" <= sign <= "\u9fff" or "\u3400" <= sign <= "\u4dbf"


def in_language(pair: Any, language: str, where: str) -> str:
    """One side of a `{zh-Hans, en}` pair. Raises KindError where the pair or that side is missing."""
    if language not in LANGUAGES:
        raise KindError(f"Unknown language {language!r}. Known: {', '.join(LANGUAGES)}.")
    if not isinstance(pair, Mapping) or not isinstance(pair.get(language), str) or not pair[language].strip():
        raise KindError(f"{where} has no text in {language}; write both zh-Hans and en")
    return str(pair[language]).strip()


def by_language(language: str, *, zh: str, en: str) -> str:
    """Our own words in the language asked for."""
    return zh if language == "zh-Hans" else en
