"""Near-duplicate questions: how alike two texts are, and which questions of a set say the same."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questions.content_rules.check import stems
from questions.content_rules.duplicates import THRESHOLD, near_duplicates, similarity
from questions.kinds.texts import squash
from questions.languages import CONTENT_LANGUAGES

__all__ = ["THRESHOLD", "Asked", "Likeness", "fingerprint", "likenesses", "similarity"]

_TELLING = ("choices", "answer", "steps", "nodes", "reference", "code")


@dataclass(frozen=True)
class Asked:
    """What of a question is compared: its name and its stems (an interview's turns), as (language, text)."""

    slug: str
    texts: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, slug: str, body: Mapping[str, Any]) -> Asked:
        return cls(slug, [(name, text) for name in CONTENT_LANGUAGES for _, text in stems(body, name)])


@dataclass(frozen=True)
class Likeness:
    """Two questions, the earlier one first, and how alike their stems are (THRESHOLD to 1)."""

    first: str
    second: str
    similarity: float


def likenesses(questions: Sequence[Asked], threshold: float = THRESHOLD) -> list[Likeness]:
    """Every pair of different questions at or above the threshold in some language, the most alike first."""
    best: dict[tuple[str, str], float] = {}
    for language in CONTENT_LANGUAGES:
        asked = [(q.slug, text) for q in questions for name, text in q.texts if name == language]
        for pair in near_duplicates([text for _, text in asked], threshold):
            slugs = asked[pair.first][0], asked[pair.second][0]
            if slugs[0] != slugs[1]:
                best[slugs] = max(best.get(slugs, 0.0), pair.similarity)
    found = [Likeness(first, second, alike) for (first, second), alike in best.items()]
    return sorted(found, key=lambda likeness: -likeness.similarity)


def by_question(found: Sequence[Likeness]) -> dict[str, list[tuple[str, float]]]:
    """For each question the others that are like it."""
    table: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for likeness in found:
        table[likeness.first].append((likeness.second, likeness.similarity))
        table[likeness.second].append((likeness.first, likeness.similarity))
    return table


def fingerprint(body: Mapping[str, Any]) -> str:
    """Equal for questions that ask the same with the same choices and key, whatever their case, width and spacing."""
    asked = [squash(text) for name in CONTENT_LANGUAGES for _, text in stems(body, name)]
    rest = json.dumps(
        {name: body.get(name) for name in _TELLING}, sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(json.dumps([asked, squash(rest), body.get("family")]).encode()).hexdigest()
