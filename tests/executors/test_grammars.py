"""Answers held to their kind's form."""

import pytest

from questions.kinds import KINDS
from questions.kinds.base import Choice, Presented
from workers.executors.base import RunSettings
from workers.executors.chat import EXECUTOR
from workers.executors.grammars import grammar_for

CHOICES = tuple(Choice("ABCD"[at], at, text) for at, text in enumerate(("one", "two", "three", "four")))


def presented(kind: str, *, unit: str = "", choices: tuple[Choice, ...] = ()) -> Presented:
    return Presented(kind, "x", "en", 0, "Well?", choices, unit)


@pytest.mark.parametrize(
    ("asked", "grammar"),
    [
        (presented("single_choice", choices=CHOICES), 'root ::= "Answer: " [ABCD]'),
        (presented("multiple_choice", choices=CHOICES), 'root ::= "Answer: " [ABCD] ("," [ABCD]){0,3}'),
        (presented("numeric", unit="GB"), 'root ::= "Answer: " "-"? [0-9]+ ("." [0-9]+)? " GB"'),
        (presented("long_text"), ""),
    ],
)
def test_the_grammar_of_each_closed_kind(asked: Presented, grammar: str) -> None:
    assert grammar_for(asked, "en") == grammar


def test_a_constrained_run_sends_the_items_own_grammar() -> None:
    asked = presented("single_choice", choices=CHOICES)
    spec = {"key": "k", "language": "en", "presented": asked.as_dict()}
    assert EXECUTOR.render(spec, RunSettings(constrained=True)).grammar == grammar_for(asked, "en")
    assert EXECUTOR.render(spec, RunSettings()).grammar == ""


@pytest.mark.parametrize(("text", "value"), [("Answer: B", "B"), ("答案:C", "C")])
def test_what_the_grammar_lets_through_is_read_back(text: str, value: str) -> None:
    found = KINDS["single_choice"].extract(presented("single_choice", choices=CHOICES), text, language="en")
    assert found
    assert found.value == value
