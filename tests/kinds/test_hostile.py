"""Outputs nobody meant as an answer: very long, looping, or built to make a pattern run wild."""

from __future__ import annotations

import time

import pytest

from questions.kinds import KINDS

LONG = 20_000
HOSTILE = {
    "spaces after a mark": "answer" + " " * LONG,
    "marks": "the answer is " * (LONG // 14),
    "chinese marks": "答案" + " \n" * LONG,
    "stars": "Answer: " + "*" * LONG,
    "brackets": "Answer: " + "(" * LONG,
    "letters": "Answer: " + "A, " * (LONG // 3),
    "boxes": "\\boxed{" * (LONG // 7),
    "open box": "\\boxed{" + "a" * LONG,
    "digits": "Answer: " + "9" * LONG,
    "grouped digits": "Answer: " + "123," * (LONG // 4),
    "powers": "Answer: 9^9^9^9 and 10^999999 and 0^-5 and 1e" + "9" * 5000,
    "many numbers": "12 apples " * (LONG // 10),
    "number and words": "Answer: 5 " + "word " * (LONG // 5),
    "han": "Answer: 5 " + "字" * LONG,
    "lines": "A.\n" * (LONG // 3),
    "nested": "```python\n" + "(" * LONG,
    "denied": "不需要参考模型。" * (LONG // 8),
    "zero width": "A\u200b" * (LONG // 2),
    "nul": "Answer: \x00B",
    "astral": "Answer: 𝐁 \U0010ffff",
}


@pytest.mark.parametrize("name", list(KINDS))
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_output_is_graded_quickly_and_never_right(name, text, body):
    kind = KINDS[name]
    shown = kind.present(body(name), language="en", seed=0)
    start = time.process_time()
    grade = kind.grade_output(shown, text, language="zh-Hans")
    kind.grade(shown, text, language="en")
    assert time.process_time() - start < 2
    assert grade.outcome in ("wrong", "invalid", "empty", "partly") or name == "single_choice"


def test_a_number_beyond_floats_is_wrong(body):
    shown = KINDS["numeric"].present(body("numeric"), language="en", seed=0)
    for text in ("9e999 GB", "10^999999 GB", "0^-5 GB", "9" * 500 + " GB"):
        assert KINDS["numeric"].grade(shown, text, language="en").outcome == "wrong"
