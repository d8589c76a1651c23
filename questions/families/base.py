"""Parametric questions: one family asks the same thing with other numbers for every seed, and works it out.

A family computes its key twice, by `solve` and, on another way, by `verify`; tests compare the two over
many seeds.
"""

from __future__ import annotations

import hashlib
import math
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from questions.kinds.base import LANGUAGES, KindError

Params = Mapping[str, Any]
_MOST_DRAWS = 1000
_FIGURES = 5  # significant figures in a text; a key keeps all of its own


@dataclass(frozen=True, slots=True)
class Text:
    """A template in both languages; `{name}` is a parameter, a step of the solution, `value` or `unit`."""

    zh: str
    en: str

    def fill(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Both sides with the numbers in place, in the shape of a question body."""
        return dict(
            zip(LANGUAGES, (_FORMATTER.format(side, **values) for side in (self.zh, self.en)), strict=True)
        )


@dataclass(frozen=True, slots=True)
class Solved:
    """A result in its unit, and the numbers of the way there, by the names that the solution's text uses."""

    value: float
    unit: str = ""
    steps: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How near counts as right: kind `relative`, `absolute` or `significant`, as in kinds/numeric.py."""

    kind: str
    value: float

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": self.value}


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a single-choice family, right or wrong, with its reason."""

    text: Text
    rationale: Text
    correct: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """Where the formula can be checked."""

    title: str
    url: str
    checked: str = "2026-11-22"

    def as_dict(self) -> dict[str, str]:
        return {"title": self.title, "url": self.url, "checked": self.checked}


def _always(params: Params) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family. `parameters` maps a name to the values it may take; a value that is a mapping is a
    preset, whose
    entries become parameters of their own. `accept` turns down combinations that make no sense. `low` and
    `high`
    bound every value it may give. With `options` the family asks for one of them, else for a number.
    """

    id: str
    topic: str
    difficulty: int
    stage: int
    parameters: Mapping[str, Sequence[Any]]
    solve: Callable[[Params], Solved]
    verify: Callable[[Params], float]
    stem: Text
    solution: Text
    low: float
    high: float
    references: Sequence[Reference]
    tolerance: Tolerance = Tolerance("relative", 0.02)
    accept: Callable[[Params], bool] = _always
    options: Callable[[Params, Solved], Sequence[Option]] | None = None
    also: Sequence[str] = ()
    depth: str = "derive"
    style: str = "numeric"
    audience: Sequence[str] = ("campus", "experienced")

    @property
    def kind(self) -> str:
        """The kind of question it renders."""
        return "single_choice" if self.options else "numeric"


def sample(family: Family, seed: int) -> dict[str, Any]:
    """The parameters of this seed: the same on every machine, and accepted by the family.

    Raises KindError where 1000 draws bring no accepted combination.
    """
    for draw in range(_MOST_DRAWS):
        params: dict[str, Any] = {}
        for name, values in family.parameters.items():
            digest = hashlib.sha256(f"{family.id}|{seed}|{draw}|{name}".encode()).digest()
            value = values[int.from_bytes(digest[:8], "big") % len(values)]
            params.update(value if isinstance(value, Mapping) else {name: value})
        if family.accept(params):
            return params
    raise KindError(f"{family.id} accepts none of {_MOST_DRAWS} draws for seed {seed}; loosen `accept`")


def render(family: Family, seed: int) -> dict[str, Any]:
    """The question of this seed, in the shape of a shipped one; its `check` is the value that `verify`
    gives.
    """
    params = sample(family, seed)
    solved = family.solve(params)
    values = {**params, **solved.steps, "value": solved.value, "unit": solved.unit}
    body: dict[str, Any] = {
        "id": f"{family.id}-{seed}",
        "kind": family.kind,
        "topic": family.topic,
        "style": family.style,
        "depth": family.depth,
        "audience": list(family.audience),
        "stage": family.stage,
        "difficulty": family.difficulty,
        "stem": family.stem.fill(values),
        "solution": family.solution.fill(values),
        "references": [reference.as_dict() for reference in family.references],
        "provenance": {"family": family.id, "seed": seed},
    }
    if family.also:
        body["also"] = list(family.also)
    if family.options:
        return {**body, "choices": [_choice(option, values) for option in family.options(params, solved)]}
    answer = {"value": solved.value, "unit": solved.unit, "tolerance": family.tolerance.as_dict()}
    return {**body, "answer": answer, "check": repr(float(family.verify(params)))}


def plain(value: Any) -> str:
    """A number as a text shows it: `131,072`, `3.7253`, `3.15e23`; anything else as it is."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return str(value)
    if value == 0 or (float(value).is_integer() and abs(value) < 1e12):
        return f"{int(value):,}"
    size = math.floor(math.log10(abs(value)))
    if size >= 12 or size < -4:
        mantissa, _, power = f"{value:.{_FIGURES - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    text = f"{value:,.{max(0, _FIGURES - 1 - size)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return str(super().format_field(value, format_spec)) if format_spec else plain(value)


_FORMATTER = _Formatter()


def _choice(option: Option, values: Mapping[str, Any]) -> dict[str, Any]:
    filled = {"text": option.text.fill(values), "rationale": option.rationale.fill(values)}
    return {**filled, "correct": True} if option.correct else filled
