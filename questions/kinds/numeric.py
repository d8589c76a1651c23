"""A number with a unit and a tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from questions.kinds.arithmetic import evaluate
from questions.kinds.base import Body, Evidence, Extracted, Grade, Kind, KindError, Presented, Problem
from questions.kinds.fields import common_problems, pair_problems, problem_if, unknown_fields
from questions.kinds.quantities import find_quantity, read_answer
from questions.kinds.texts import by_language, in_language
from questions.kinds.units import canonical, is_unit, label

_EPSILON = 1e-9  # relative; the last bits of a float decide nothing


def is_within(value: float, right: float, tolerance: Mapping[str, Any]) -> bool:
    """Whether `value` counts as `right`: `relative` share, `absolute` distance, or `significant` figures.

    n significant figures allow half a unit in the n-th figure of the right value.
    """
    if tolerance["kind"] == "relative":
        room = float(tolerance["value"]) * abs(right)
    elif tolerance["kind"] == "absolute":
        room = float(tolerance["value"])
    else:
        figure = math.floor(math.log10(abs(right))) - int(tolerance["value"]) + 1 if right else 0
        room = 0.5 * 10.0**figure
    return abs(value - right) <= room + _EPSILON * abs(right)


class Numeric(Kind):
    """Key: `{"value", "unit", "tolerance": {"kind", "value"}}`; a bare number is read in the unit
    asked for.
    """

    name = "numeric"

    def validate(self, body: Body) -> list[Problem]:
        answer = body.get("answer")
        found = common_problems(body, ("answer", "check")) + pair_problems(body.get("stem"), "stem")
        wrong = _answer_problems(answer)
        if wrong or not isinstance(answer, Mapping):
            return found + wrong
        return found + _check_problems(body.get("check"), answer)

    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        answer = body["answer"]
        return Presented(
            kind=self.name,
            question_id=body["id"],
            language=language,
            seed=seed,
            stem=in_language(body.get("stem"), language, "stem"),
            unit=label(answer["unit"], language),
            key={"value": answer["value"], "unit": answer["unit"], "tolerance": dict(answer["tolerance"])},
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        unit = presented.unit
        if language == "zh-Hans":
            asked = f"答案写成以 {unit} 为单位的一个数" if unit else "答案写成一个数"
            return f"{presented.stem}\n\n{asked}。最后一行写：答案：数字{f' {unit}' if unit else ''}"
        asked = f"Give one number in {unit}" if unit else "Give one number"
        return f"{presented.stem}\n\n{asked}. End with a line: Answer: number{f' {unit}' if unit else ''}"

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        found = find_quantity(text, _unit(presented.key["unit"]))
        return Extracted(str(found[0]), found[1], found[2]) if found else None

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        key = presented.key
        wanted = _unit(key["unit"])
        if not response.strip():
            return self.unanswered(presented, "empty")
        quantity = read_answer(response, wanted)
        if quantity is None:
            return self.unanswered(presented, "invalid")
        value = quantity.within(wanted)
        right = value is not None and is_within(value, key["value"], key["tolerance"])
        note = "" if right else _hint(value, key, str(quantity), language)
        evidence = Evidence("value", "met" if right else "not_met", float(right), str(quantity), note)
        found = Extracted(str(quantity), "direct", (0, len(response)))
        return Grade(float(right), 1.0, "correct" if right else "wrong", self.rung, (evidence,), found)


def _unit(name: str) -> str:
    found = canonical(name)
    if found is None:
        raise KindError(f"Unknown unit {name!r}; add it to questions/kinds/units.py or use another")
    return found


def _hint(value: float | None, key: Mapping[str, Any], seen: str, language: str) -> str:
    """What went wrong where the number tells: another kind of quantity, binary for decimal, bits for
    bytes.
    """
    if value is None:
        zh, en = f"{seen} 不能换算成 {key['unit']}", f"{seen} cannot be converted to {key['unit']}"
        return by_language(language, zh=zh, en=en)
    slips = {
        **{
            1.024**power: ("十进制与二进制前缀（GB 与 GiB）", "GB and GiB mixed up") for power in (1, 2, 3, 4)
        },
        **{1000.0**power: ("差了千的幂次", "off by a power of 1000") for power in (1, 2, 3, 4)},
        8.0: ("位与字节（差 8 倍）", "bits and bytes mixed up"),
        2.0: ("差了 2 倍", "off by a factor of 2"),
        100.0: ("差了 100 倍（百分数？）", "off by a factor of 100 (per cent?)"),
    }
    for ratio, (zh, en) in slips.items():
        if any(is_within(value * way, key["value"], key["tolerance"]) for way in (ratio, 1 / ratio)):
            return by_language(language, zh=zh, en=en)
    return ""


def _answer_problems(answer: Any) -> list[Problem]:
    if not isinstance(answer, Mapping):
        return [
            Problem("answer", f"is {answer!r}; write {{value: ..., unit: ..., tolerance: {{kind, value}}}}")
        ]
    value, unit, tolerance = answer.get("value"), answer.get("unit"), answer.get("tolerance")
    found = unknown_fields(answer, ("value", "unit", "tolerance"), "answer")
    found += problem_if(not _is_number(value), "answer.value", f"is {value!r}; write a finite number")
    fits = isinstance(unit, str) and is_unit(unit)
    found += problem_if(
        not fits, "answer.unit", f'is {unit!r}; use a unit such as GB, GiB, ms, token/s, or ""'
    )
    if not isinstance(tolerance, Mapping):
        return [
            *found,
            Problem("answer.tolerance", f"is {tolerance!r}; write {{kind: relative, value: 0.02}}"),
        ]
    kind, room = tolerance.get("kind"), tolerance.get("value")
    found += unknown_fields(tolerance, ("kind", "value"), "answer.tolerance")
    known = kind in ("relative", "absolute", "significant")
    found += problem_if(
        not known, "answer.tolerance.kind", f"is {kind!r}; use relative, absolute or significant"
    )
    return found + problem_if(not _is_room(kind, room), "answer.tolerance.value", f"is {room!r}; {_ROOM}")


_ROOM = "write a share from 0 to 0.5, a distance of 0 or more, or 1 to 10 figures"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_room(kind: Any, room: Any) -> bool:
    if not _is_number(room) or room < 0:
        return False
    if kind == "significant":
        return isinstance(room, int) and 1 <= room <= 10
    return bool(kind != "relative" or room <= 0.5)


def _check_problems(check: Any, answer: Mapping[str, Any]) -> list[Problem]:
    """The key must be what `check` gives, to a quarter of the tolerance: rounding is fine, a slip is not."""
    if not isinstance(check, str):
        return [Problem("check", f"is {check!r}; write the arithmetic that gives the value, in quotes")]
    try:
        value = evaluate(check)
    except KindError as error:
        return [Problem("check", str(error))]
    tolerance = dict(answer["tolerance"])
    if tolerance["kind"] != "significant":
        tolerance["value"] = tolerance["value"] / 4
    wrong = not is_within(answer["value"], value, tolerance)
    return problem_if(
        wrong, "check", f"gives {value:.10g}, but the answer says {answer['value']}; correct one of them"
    )


NUMERIC = Numeric()
