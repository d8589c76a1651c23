"""Short answers: folding, dress, and real outputs."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from questions.kinds.base import Presented
from questions.kinds.short_text import SHORT_TEXT


def shown(*accepted: str) -> Presented:
    return Presented("short_text", "x", "en", 0, "Which?", key={"accepted": list(accepted)})


@pytest.mark.parametrize(
    "response",
    ["low-rank adaptation", "Low Rank Adaptation.", "ＬｏＲＡ", " lora ", "低秩适配。", "「低秩适配」"],
)
def test_manner_does_not_matter(body, response):
    question = SHORT_TEXT.present(body("short_text"), language="en", seed=0)
    assert SHORT_TEXT.grade(question, response, language="en").outcome == "correct"


@pytest.mark.parametrize("response", ["QLoRA", "LoRA or DoRA", "low-rank"])
def test_other_words_are_wrong(body, response):
    question = SHORT_TEXT.present(body("short_text"), language="en", seed=0)
    assert SHORT_TEXT.grade(question, response, language="en").outcome == "wrong"


def test_symbols_keep_their_meaning():
    assert SHORT_TEXT.grade(shown("C++"), "C", language="en").outcome == "wrong"
    assert SHORT_TEXT.grade(shown("5%"), "5", language="en").outcome == "wrong"
    assert SHORT_TEXT.grade(shown("] )"), "])", language="en").outcome == "correct"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Because of the ranks.\n\nAnswer: LoRA.", "LoRA"),
        ("The answer is **LoRA**", "LoRA"),
        ("答案:「低秩适配」", "低秩适配"),
        ("\\boxed{\\text{LoRA}}", "LoRA"),
        ("LoRA", "LoRA"),
        ("The LoRA", "LoRA"),
        ("It has two matrices.\n\nLoRA", "LoRA"),
        ("Words and words and words. " * 20, None),
    ],
)
def test_the_phrase_is_found(text, value):
    found = SHORT_TEXT.extract(shown("LoRA"), text, language="en")
    assert (found.value if found else None) == value


def test_bbh_short_outputs_agree_with_their_official_correctness(shared):
    agreed: Counter[bool] = Counter()
    for row in shared("items/bbh_codex_outputs_sample.jsonl.gz"):
        if re.fullmatch(r"\([A-Z]\)|-?\d+", row["target"]):
            continue
        grade = SHORT_TEXT.grade_output(shown(row["target"]), row["prediction"], language="en")
        said = row["prediction"].split("answer is ")[-1].strip().rstrip(".")
        agreed[(grade.outcome == "correct") == (said == row["target"])] += 1
    assert agreed[False] <= 1  # "] >" for "> ]": brackets are folded away, the comparison signs are equal
    assert agreed[True] >= 155


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ("LoRA", "answer"),
        ({"accepted": {"en": ["LoRA"]}}, "answer.accepted.zh-Hans"),
        ({"accepted": {"zh-Hans": ["。"], "en": ["LoRA"]}}, "answer.accepted.zh-Hans"),
    ],
)
def test_short_text_faults_are_named(body, answer, path):
    assert [problem.path for problem in SHORT_TEXT.validate(body("short_text", answer=answer))] == [path]
