"""Code questions: read, asked, and not run here."""

from __future__ import annotations

import pytest

from questions.kinds.code import CODE

GOOD = "def softmax(x):\n    return x"


@pytest.fixture
def shown(body):
    return CODE.present(body("code"), language="en", seed=0)


def test_grading_refuses_and_says_why(shown):
    grade = CODE.grade(shown, GOOD, language="en")
    assert (grade.outcome, grade.score, grade.rung) == ("unscored", None, "sandbox")
    assert "sandbox queue" in grade.evidence[0].note
    assert "沙箱" in CODE.grade(shown, GOOD, language="zh-Hans").evidence[0].note


@pytest.mark.parametrize(
    ("text", "method"),
    [
        (f"Here it is:\n```python\n{GOOD}\n```\nDone.", "fenced"),
        (f"```\nx = 1\n```\n```py\n{GOOD}\n```", "fenced"),
        (f"```python\n{GOOD}", "fenced"),
        (GOOD, "whole"),
    ],
)
def test_the_function_is_found(shown, text, method):
    found = CODE.extract(shown, text, language="en")
    assert found is not None
    assert (found.value.strip(), found.method) == (GOOD, method)


@pytest.mark.parametrize("text", ["def other(x): ...", "```python\nx = 1\n```", "def softmax(:", "no code"])
def test_other_code_is_invalid(shown, text):
    assert CODE.grade_output(shown, text, language="en").outcome == "invalid"


def test_the_prompt_names_the_function_and_shows_the_starter(shown):
    text = CODE.prompt(shown, language="zh-Hans")
    assert "softmax" in text
    assert "def softmax(x):\n    ..." in text


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"entry": "soft max"}, "code.entry"),
        ({"starter": "x = 1"}, "code.starter"),
        ({"tests": []}, "code.tests"),
        (
            {"tests": [{"call": "softmax([])", "expect": []}, {"call": "print(1)", "expect": 1}]},
            "code.tests[1].call",
        ),
    ],
)
def test_code_faults_are_named(body, change, path):
    spoiled = body("code")
    spoiled["code"] |= change
    assert path in {problem.path for problem in CODE.validate(spoiled)}
