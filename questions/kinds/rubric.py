"""Rubrics: atomic criteria with points, their faults, and the arithmetic from verdicts to a score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from questions.kinds.base import LANGUAGES, Problem
from questions.kinds.fields import duplicates, items, one_of, pair_problems, problem_if, unknown_fields

ROLES = ("required", "bonus", "penalty")
VerdictName = Literal["met", "partly", "not_met"]
SHARES: Mapping[str, float] = {"met": 1.0, "partly": 0.5, "not_met": 0.0}
_ANCHOR_SLACK = 0.1  # an anchor's score is a person's; it may round, it may not contradict its own `met`


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to say: required or bonus points are earned, penalty points are lost, when it is met."""

    id: str
    points: float
    role: str
    text: Mapping[str, str]
    aliases: tuple[str, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Criterion:
        """A validated criterion of a body or of a key; the aliases of both languages count in any answer."""
        aliases = data.get("aliases") or {}
        return cls(
            id=data["id"],
            points=float(data["points"]),
            role=data["role"],
            text=data["text"],
            aliases=tuple(str(alias) for name in LANGUAGES for alias in aliases.get(name, ())),
        )

    def earned(self, verdict: str) -> float:
        """Points for this verdict; negative for a penalty."""
        return (-1.0 if self.role == "penalty" else 1.0) * self.points * SHARES[verdict]


def read_rubric(data: Iterable[Mapping[str, Any]]) -> tuple[Criterion, ...]:
    """All criteria of a validated rubric."""
    return tuple(Criterion.read(entry) for entry in data)


def required_points(criteria: Iterable[Criterion]) -> float:
    """What a full answer earns: the points of the required criteria."""
    return sum(criterion.points for criterion in criteria if criterion.role == "required")


def share(criteria: Sequence[Criterion], verdicts: Mapping[str, str]) -> float:
    """The score, 0 to 1: points earned over required points, clamped; a criterion without verdict is
    not met.
    """
    earned = sum(criterion.earned(verdicts.get(criterion.id, "not_met")) for criterion in criteria)
    return min(1.0, max(0.0, earned / required_points(criteria)))


def rubric_problems(value: Any, path: str, low: int, high: int) -> list[Problem]:
    """Faults of a list of criteria."""
    entries, found = items(value, path, low, high)
    for index, entry in enumerate(entries):
        found += _criterion_problems(entry, f"{path}[{index}]")
    if found:
        return found
    same = duplicates([entry["id"] for entry in entries])
    found += problem_if(bool(same), path, f"uses an id twice: {', '.join(same)}")
    required = any(entry["role"] == "required" for entry in entries)
    return found + problem_if(
        not required, path, "has no required criterion; a full answer would earn nothing"
    )


def anchor_problems(value: Any, criteria: Sequence[Criterion]) -> list[Problem]:
    """Faults of the graded sample answers, among them a score that its own `met` contradicts."""
    entries, found = items(value, "anchors", 3, 6)
    for index, entry in enumerate(entries):
        found += _anchor_problems(entry, f"anchors[{index}]", criteria)
    if found:
        return found
    missing = [name for name in LANGUAGES if all(entry["language"] != name for entry in entries)]
    found += problem_if(bool(missing), "anchors", f"has none in {', '.join(missing)}; write one at least")
    scores = [entry["score"] for entry in entries]
    spread = min(scores) <= 0.4 and max(scores) >= 0.7
    return found + problem_if(
        not spread, "anchors", f"score {scores}; include a low (<= 0.4) and a high (>= 0.7) one"
    )


def _criterion_problems(entry: Any, path: str) -> list[Problem]:
    if not isinstance(entry, Mapping):
        return [Problem(path, f"is {entry!r}; write {{id, points, role, text, aliases}}")]
    name, points, aliases = entry.get("id"), entry.get("points"), entry.get("aliases")
    found = unknown_fields(entry, ("id", "points", "role", "text", "aliases"), path)
    found += problem_if(
        not isinstance(name, str) or not name, f"{path}.id", f"is {name!r}; write a short name"
    )
    fits = isinstance(points, int | float) and not isinstance(points, bool) and points > 0
    found += problem_if(
        not fits, f"{path}.points", f"is {points!r}; write a number above 0, also for a penalty"
    )
    found += one_of(entry.get("role"), ROLES, f"{path}.role") + pair_problems(
        entry.get("text"), f"{path}.text"
    )
    if not isinstance(aliases, Mapping):
        return [*found, Problem(f"{path}.aliases", f"is {aliases!r}; write lists under zh-Hans and en")]
    found += unknown_fields(aliases, LANGUAGES, f"{path}.aliases")
    for language in LANGUAGES:
        found += _alias_problems(aliases.get(language), f"{path}.aliases.{language}")
    return found


def _alias_problems(value: Any, path: str) -> list[Problem]:
    phrases, found = items(value, path, 1, 30)
    long = [phrase for phrase in phrases if not isinstance(phrase, str) or not 2 <= len(phrase.strip()) <= 30]
    return found + problem_if(
        bool(long), path, f"holds {long!r}; an alias is a literal phrase of 2 to 30 signs"
    )


def _anchor_problems(entry: Any, path: str, criteria: Sequence[Criterion]) -> list[Problem]:
    if not isinstance(entry, Mapping):
        return [Problem(path, f"is {entry!r}; write {{language, score, text, met}}")]
    text, score, met = entry.get("text"), entry.get("score"), entry.get("met")
    found = unknown_fields(entry, ("language", "score", "text", "met"), path)
    found += one_of(entry.get("language"), LANGUAGES, f"{path}.language")
    found += problem_if(not isinstance(text, str) or not text.strip(), f"{path}.text", "is missing or blank")
    known = {criterion.id for criterion in criteria}
    strange = [name for name in met if name not in known] if isinstance(met, list) else [met]
    found += problem_if(bool(strange), f"{path}.met", f"names {strange!r}; use ids of the rubric")
    fits = isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 1
    if found or not fits:
        return found + problem_if(not fits, f"{path}.score", f"is {score!r}; write a share from 0 to 1")
    adds_up = share(criteria, dict.fromkeys(entry["met"], "met"))
    wrong = abs(entry["score"] - adds_up) > _ANCHOR_SLACK
    return problem_if(wrong, f"{path}.score", f"is {score}, but its `met` adds up to {adds_up:.2f}")
