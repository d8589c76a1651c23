"""The fields every question has, and the small checks that the kinds share."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from questions.kinds.base import LANGUAGES, Body, Problem

STYLES = ("fundamentals", "thinking", "experience", "numeric", "system_design", "debugging", "coding")
DEPTHS = ("recall", "explain", "compare", "derive", "diagnose", "design")
AUDIENCES = ("campus", "experienced", "career_change", "product")
STAGES = (1, 2, 3, 4)
DIFFICULTIES = (1, 2, 3, 4, 5)
COMMON_FIELDS = frozenset(
    {
        *("id", "kind", "topic", "also", "style", "depth", "audience", "stage", "difficulty"),
        *("stem", "solution", "hints", "references", "author", "licence", "provenance"),
    }
)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TOPIC = re.compile(r"[A-Z][0-9]{1,2}")
_BY_LETTER = re.compile(
    r"\b(?i:options?|choices?|answers?)\s+\(?[A-F]\)?(?![\w'-])"
    r"|选项\s*\(?[A-F](?![A-Za-z])|(?<![A-Za-z])[A-F]\s*选项|(?<![A-Za-z0-9])[A-F]\s*项(?!目)"
    r"|(?i:\b(?:first|second|third|fourth|fifth|sixth|last) (?:option|choice|answer)\b)"
    r"|第\s*[一二三四五六1-6]\s*个?\s*(?:选项|答案)|最后一个(?:选项|答案)"
)


def problem_if(wrong: bool, path: str, message: str) -> list[Problem]:
    """A list of one problem, or of none."""
    return [Problem(path, message)] if wrong else []


def pair_problems(value: Any, path: str) -> list[Problem]:
    """A text must be a mapping with both languages, neither blank, and nothing else."""
    if not isinstance(value, Mapping):
        return [Problem(path, f"is {value!r}; write a pair {{zh-Hans: ..., en: ...}}")]
    missing = [name for name in LANGUAGES if not isinstance(value.get(name), str) or not value[name].strip()]
    return [
        *(
            Problem(f"{path}.{name}", "is missing or blank; every text needs both languages")
            for name in missing
        ),
        *unknown_fields(value, LANGUAGES, path),
    ]


def unknown_fields(value: Mapping[str, Any], known: Collection[str], path: str = "") -> list[Problem]:
    """Names that mean nothing here; most are typing errors, so the nearest name is offered."""
    return [
        Problem(f"{path}.{name}" if path else str(name), _unknown_message(str(name), known))
        for name in value
        if name not in known
    ]


def one_of(value: Any, known: Collection[Any], path: str) -> list[Problem]:
    """The value must be one of those known; True and 1 are not the same thing here."""
    fits = not isinstance(value, bool) and value in known
    return problem_if(not fits, path, f"is {value!r}; use one of {', '.join(map(str, known))}")


def items(value: Any, path: str, low: int, high: int) -> tuple[list[Any], list[Problem]]:
    """The value as a list, and a problem where it is none or has the wrong length."""
    if not isinstance(value, list):
        return [], [Problem(path, f"is {value!r}; write a list of {low} to {high}")]
    return value, problem_if(
        not low <= len(value) <= high, path, f"has {len(value)} entries; write {low} to {high}"
    )


def duplicates(values: list[Any]) -> list[Any]:
    """Each value that stands more than once, once."""
    return sorted({value for value in values if values.count(value) > 1}, key=str)


def common_problems(body: Body, own_fields: Collection[str], *, solution: bool = True) -> list[Problem]:
    """Faults in the fields that all kinds share; `own_fields` are the kind's further ones."""
    found = unknown_fields(body, COMMON_FIELDS | set(own_fields))
    found += _id_problems(body)
    for name, known in (
        ("style", STYLES),
        ("depth", DEPTHS),
        ("stage", STAGES),
        ("difficulty", DIFFICULTIES),
    ):
        found += one_of(body.get(name), known, name)
    found += _audience_problems(body.get("audience"))
    if solution or "solution" in body:
        found += pair_problems(body.get("solution"), "solution")
    for index, reference in enumerate(body.get("references") or []):
        found += _reference_problems(reference, f"references[{index}]")
    return found + [problem for path, text in explained(body) for problem in naming_problems(text, path)]


def explained(body: Body) -> Iterator[tuple[str, Any]]:
    """Every text that explains an answer, with its path: solution and rationales."""
    yield "solution", body.get("solution")
    for index, choice in enumerate(body.get("choices") or []):
        if isinstance(choice, Mapping):
            yield f"choices[{index}].rationale", choice.get("rationale")


def naming_problems(pair: Any, path: str) -> list[Problem]:
    """Choices are shuffled, so a text must not name one by letter or position."""
    sides = pair.items() if isinstance(pair, Mapping) else ()
    hits = [(side, _BY_LETTER.search(text)) for side, text in sides if isinstance(text, str)]
    return [
        Problem(
            f"{path}.{side}", f"names a choice by letter or position ({hit.group()!r}); say what it claims"
        )
        for side, hit in hits
        if hit
    ]


def _unknown_message(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"is no field of this format; did you mean {near[0]!r}?" if near else "is no field of this format"


def _id_problems(body: Body) -> list[Problem]:
    name, topic = body.get("id"), body.get("topic")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        return [Problem("id", f"is {name!r}; use lower-case letters, digits and single hyphens")]
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
        return [Problem("topic", f"is {topic!r}; use a code such as F1")]
    prefix = f"{topic.lower()}-"
    return problem_if(not name.startswith(prefix), "id", f"is {name!r}; start it with {prefix!r}")


def _audience_problems(value: Any) -> list[Problem]:
    entries, found = items(value, "audience", 1, len(AUDIENCES))
    for index, entry in enumerate(entries):
        found += one_of(entry, AUDIENCES, f"audience[{index}]")
    return found + problem_if(bool(duplicates(entries)), "audience", "names somebody twice")


def _reference_problems(reference: Any, path: str) -> list[Problem]:
    if not isinstance(reference, Mapping):
        return [Problem(path, f"is {reference!r}; write {{title: ..., url: ..., checked: ...}}")]
    title, url = reference.get("title"), reference.get("url")
    return [
        *unknown_fields(reference, ("title", "url", "checked", "valid_until"), path),
        *problem_if(not isinstance(title, str) or not title.strip(), f"{path}.title", "is missing"),
        *problem_if(not str(url).startswith("https://"), f"{path}.url", f"is {url!r}; use an https address"),
        *_check_date(reference.get("checked"), f"{path}.checked", required=True),
        *_check_date(reference.get("valid_until"), f"{path}.valid_until", required=False),
    ]


def _check_date(value: Any, path: str, *, required: bool) -> list[Problem]:
    if value is None and not required:
        return []
    return problem_if(
        not _is(value, datetime.date.fromisoformat), path, f"is {value!r}; write a date, 2026-11-22"
    )


def _is(value: Any, parse: Callable[[str], object]) -> bool:
    try:
        parse(str(value))
    except ValueError:
        return False
    return True
