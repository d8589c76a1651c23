"""The offline ladder for free text from anywhere: key points where there is a rubric, else likeness to the reference.

| rung | needs | provisional |
|---|---|---|
| key_points | rubric with aliases | in the middle third, where graders fail |
| anchored_similarity | reference, three graded samples or more | always |
| similarity | reference | always: nothing says what a likeness of 0.4 is worth |
| unscored | neither | always |

Pure: no Django.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questions.kinds.base import Presented
from questions.kinds.key_points import content_fault, without_echo
from questions.kinds.long_text import grade_by_key_points
from questions.kinds.texts import squash
from questions.practice.similarity import chrf, fit_rising

MIDDLE = (1 / 3, 2 / 3)
LEAST_ANCHORS = 3


class BadRow(ValueError):
    """A row that cannot be graded as written; the message says which field, the value seen and the cure."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer to grade. `references` may be several; `max_score` is in points; anchors are (text, share 0 to 1)."""

    id: str | int
    question: str
    references: tuple[str, ...]
    answer: str
    language: str
    max_score: float
    rubric: tuple[Mapping[str, Any], ...] = ()
    anchors: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Graded:
    """`score` is in points of the row's `max_score`; None only on the rung `unscored`."""

    id: str | int
    score: float | None
    rung: str
    evidence: tuple[Mapping[str, Any], ...]
    provisional: bool
    max_score: float

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def read_row(data: Mapping[str, Any]) -> Row:
    """A row as parsed from JSON. Raises BadRow."""
    missing = [name for name in ("id", "answer", "max_score") if name not in data]
    if missing:
        raise BadRow(
            f"has no {', '.join(missing)}; a row needs id, answer, max_score and a reference or a rubric"
        )
    most = data["max_score"]
    if isinstance(most, bool) or not isinstance(most, int | float) or most <= 0:
        raise BadRow(f"max_score is {most!r}; write a number above 0")
    language = str(data.get("language") or "en")
    return Row(
        id=data["id"],
        question=_text(data.get("question"), language),
        references=_references(data.get("reference"), language),
        answer=_text(data["answer"], language),
        language=language,
        max_score=float(most),
        rubric=_rubric(data.get("rubric") or ()),
        anchors=tuple(_anchor(entry, at) for at, entry in enumerate(data.get("anchors") or ())),
    )


def grade_row(row: Row) -> Graded:
    """Grade by the highest rung the row has the means for."""
    if row.rubric:
        return _by_key_points(row)
    if not any(squash(text) for text in row.references):
        note = _evidence("reference", "not_met", 0.0, "no rubric and no reference: nothing to grade by")
        return Graded(row.id, None, "unscored", (note,), True, row.max_score)
    return _by_similarity(row)


def _by_key_points(row: Row) -> Graded:
    shown = Presented(
        kind="long_text",
        question_id=str(row.id),
        language=row.language,
        seed=0,
        stem=row.question,
        key={"rubric": list(row.rubric)},
    )
    grade = grade_by_key_points(shown, row.answer)
    share = grade.score or 0.0
    evidence = tuple(dataclasses.asdict(entry) for entry in grade.evidence)
    return Graded(
        row.id, share * row.max_score, grade.rung, evidence, MIDDLE[0] < share < MIDDLE[1], row.max_score
    )


def _by_similarity(row: Row) -> Graded:
    answer = without_echo(row.answer, row.question)
    curve = _curve(row)
    rung = "anchored_similarity" if curve else "similarity"
    if fault := _fault(row, answer):
        evidence = _evidence("content", "not_met", 0.0, fault)
        return Graded(row.id, 0.0, rung, (evidence,), True, row.max_score)
    like, best = max((chrf(answer, text) or 0.0, text) for text in row.references)
    share = min(1.0, max(0.0, curve(like))) if curve else like
    note = f"chrF {like:.3f} to the reference that begins {best.strip()[:40]!r}"
    verdict = "met" if share > MIDDLE[1] else "partly" if share > MIDDLE[0] else "not_met"
    points = share * row.max_score
    return Graded(
        row.id, points, rung, (_evidence("similarity", verdict, points, note),), True, row.max_score
    )


def _curve(row: Row) -> Any:
    if len(row.anchors) < LEAST_ANCHORS:
        return None
    likes = [max(chrf(text, reference) or 0.0 for reference in row.references) for text, _ in row.anchors]
    return fit_rising(likes, [share for _, share in row.anchors])


def _fault(row: Row, answer: str) -> str:
    """Short answers are answers here, so only blank, echoing and looped ones are stopped."""
    if not squash(row.answer):
        return "empty"
    if not squash(answer):
        return "echo"
    return "repeats" if content_fault(row.answer, row.question) == "repeats" else ""


def _evidence(criterion: str, verdict: str, points: float, note: str) -> dict[str, Any]:
    return {"criterion": criterion, "verdict": verdict, "points": points, "quote": "", "note": note}


def _text(value: Any, language: str) -> str:
    if isinstance(value, Mapping):
        return str(value.get(language) or next(iter(value.values()), ""))
    return "" if value is None else str(value)


def _references(value: Any, language: str) -> tuple[str, ...]:
    entries: Sequence[Any] = value if isinstance(value, list) else [value]
    return tuple(text for entry in entries if (text := _text(entry, language)).strip())


def _rubric(entries: Sequence[Any]) -> tuple[Mapping[str, Any], ...]:
    found = tuple(_criterion(entry, at) for at, entry in enumerate(entries))
    if found and not any(entry["role"] == "required" for entry in found):
        raise BadRow("rubric has no required criterion; a full answer would earn nothing")
    return found


def _criterion(entry: Any, at: int) -> Mapping[str, Any]:
    """A criterion as the rubric's reader wants it: role `required` unless said, aliases as a list or by language."""
    if not isinstance(entry, Mapping) or "id" not in entry:
        raise BadRow(
            f"rubric[{at}] is {entry!r}; write {{id, points, aliases}}, and role and text where wanted"
        )
    aliases = entry.get("aliases")
    if isinstance(aliases, list):
        aliases = {"en": aliases}
    if not isinstance(aliases, Mapping) or not any(aliases.values()):
        raise BadRow(f"rubric[{at}].aliases is {aliases!r}; list the words that show the point")
    points = entry.get("points", 1)
    if isinstance(points, bool) or not isinstance(points, int | float) or points <= 0:
        raise BadRow(f"rubric[{at}].points is {points!r}; write a number above 0, also for a penalty")
    role = entry.get("role", "required")
    if role not in ("required", "bonus", "penalty"):
        raise BadRow(f"rubric[{at}].role is {role!r}; write required, bonus or penalty")
    languages = {"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-Hans": "zh-Hans"}
    by_language: dict[str, list[str]] = {}
    for name, phrases in aliases.items():
        listed = [phrases] if isinstance(phrases, str) else phrases
        by_language.setdefault(languages.get(name, "en"), []).extend(str(phrase) for phrase in listed)
    return {
        "id": str(entry["id"]),
        "points": points,
        "role": role,
        "text": entry.get("text", ""),
        "aliases": by_language,
    }


def _anchor(entry: Any, at: int) -> tuple[str, float]:
    score = entry.get("score") if isinstance(entry, Mapping) else None
    if (
        isinstance(score, bool)
        or not isinstance(score, int | float)
        or not 0 <= score <= 1
        or "text" not in entry
    ):
        raise BadRow(
            f"anchors[{at}] is {entry!r}; write {{text, score}} with the score as a share from 0 to 1"
        )
    return str(entry["text"]), float(score)
