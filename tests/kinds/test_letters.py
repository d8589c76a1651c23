"""Reading chosen letters out of what models write, Chinese and English, and out of real outputs."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from questions.kinds.base import Choice, Presented
from questions.kinds.multiple_choice import MULTIPLE_CHOICE
from questions.kinds.ordering import ORDERING
from questions.kinds.single_choice import SINGLE_CHOICE

TEXTS = ("the encoder", "the decoder", "the softmax over logits", "the tokenizer")
SHOWN = Presented(
    "single_choice",
    "x",
    "en",
    0,
    "Which?",
    tuple(Choice("ABCD"[at], at, text) for at, text in enumerate(TEXTS)),
)


def one(text: str) -> str | None:
    found = SINGLE_CHOICE.extract(SHOWN, text, language="en")
    return found.value if found else None


def several(text: str) -> str | None:
    found = MULTIPLE_CHOICE.extract(SHOWN, text, language="en")
    return found.value if found else None


@pytest.mark.parametrize(
    "text",
    [
        "Answer: B",
        "answer: b",
        "**Answer:** B",
        "**Answer: B**",
        "The answer is (B).",
        "The correct answer is: **B**",
        "The correct option is B because it decodes.",
        "Answer: Option B",
        "Final answer: $\\boxed{B}$",
        "So we get \\boxed{\\text{B}}.",
        "First I thought the answer is A. No.\n\nAnswer: B",
        "答案:B",
        "答案是 B。",
        "**答案:B**",
        "正确答案为(B),因为它负责解码。",
        "故选B。",
        "所以选择 B",
        "答案：Ｂ",
        "B",
        "b.",
        "(B)",
        "**B**",
        "B. the decoder",
        "B) because it generates",
        "B\n\nThe decoder generates the tokens.",
        "I considered all of them.\n\nB. the decoder",
        "It must be **B. the decoder**, clearly.",
        "Option B is correct, as the decoder generates.",
        "I would go with (B) here.",
        "选项B是正确的",
        "It is the decoder.",
        "The Decoder",
        "I would pick B",
        "Answer:\n\nB",
        "A is wrong, C is wrong; the answer is B, A is not.",
        "#### B",
    ],
)
def test_the_letter_is_found(text):
    assert one(text) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "Answer: A or B",
        "Answer: B, C",
        "The answer is (A) and (C).",
        "答案:A、B",
        "A、B、C、D 都是正确的",
        "The answer is not B.",
        "Answer: none of these",
        "答案:都不对",
        "I am not sure.",
        "It depends on the encoder and the decoder.",
        "A. the encoder\nB. the decoder\nC. the softmax over logits\nD. the tokenizer",
        "Answer: A transformer is needed here.",
        "A good question.",
        "P(B) = 0.95 and P(C) = 0.05, so",
        "End with a line: Answer: X",
        "Answer: E",
        "",
    ],
)
def test_no_letter_is_invented(text):
    assert one(text) is None


def test_the_span_points_at_the_answer():
    text = "Reasoning first.\n答案：Ｂ。"
    found = SINGLE_CHOICE.extract(SHOWN, text, language="zh-Hans")
    assert found is not None
    assert text[slice(*found.span)] == "Ｂ。"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Answer: A, C", "A,C"),
        ("Answer: C and A", "A,C"),
        ("答案:AC", "A,C"),
        ("答案:A、C、D", "A,C,D"),
        ("The correct options are (A), (C), and (D).", "A,C,D"),
        ("A,C", "A,C"),
        ("ACD", "A,C,D"),
        ("\\boxed{A, D}", "A,D"),
        ("Answer:\nA. the encoder\nC. the softmax over logits", "A,C"),
        ("Answer: B", "B"),
        ("Answer: A, C\n\nB is wrong because it does not.", "A,C"),
        ("It depends.", None),
    ],
)
def test_sets_of_letters(text, value):
    assert several(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Answer: B, A, D, C", "B,A,D,C"),
        ("Answer: B > A > D > C", "B,A,D,C"),
        ("正确顺序是 B → A → D → C。", "B,A,D,C"),
        ("BADC", "B,A,D,C"),
        ("Answer:\n1. B. the decoder\n2. A. x\n3. D. y\n4. C. z", "B,A,D,C"),
        ("The order is B, A, D", None),
        ("Answer: B, A, A, C", None),
        ("No idea", None),
    ],
)
def test_orders_of_letters(text, value):
    found = ORDERING.extract(SHOWN, text, language="en")
    assert (found.value if found else None) == value


def test_mmlu_pro_outputs_agree_with_the_authors_reading(shared):
    items = {row["question_id"]: row["options"] for row in shared("matrix/mmlu_pro/mmlu_pro_items.jsonl.gz")}
    agreed: Counter[tuple[bool, bool]] = Counter()
    for row in shared("matrix/mmlu_pro/mmlu_pro_raw_outputs_sample.jsonl.gz"):
        choices = tuple(
            Choice("ABCDEFGHIJ"[at], at, text) for at, text in enumerate(items[row["question_id"]])
        )
        found = SINGLE_CHOICE.extract(
            Presented("single_choice", "x", "en", 0, "", choices), row["output"], language="en"
        )
        theirs = row["their_pred"]
        agreed[theirs is not None, (found.value if found else None) == theirs] += 1
    assert agreed[True, False] <= 2  # "(H) and (I)" and "(A, B, C, ...)", where theirs takes the first
    assert agreed[True, True] >= 345
    assert (
        agreed[False, False] <= 9
    )  # no answer by their pattern; ours reads "closest is (J)", "option is (E)"


def test_bbh_choice_outputs_agree_with_their_official_correctness(shared):
    agreed: Counter[bool] = Counter()
    for row in shared("items/bbh_codex_outputs_sample.jsonl.gz"):
        options = re.findall(r"^\(([A-Z])\) (.*)$", row["question"], re.MULTILINE)
        letters = [letter for letter, _ in options]
        if not re.fullmatch(r"\([A-Z]\)", row["target"]) or row["target"][1] not in letters:
            continue
        choices = tuple(Choice(letter, at, text) for at, (letter, text) in enumerate(options))
        key = {"index": letters.index(row["target"][1])}
        shown = Presented("single_choice", "x", "en", 0, row["question"], choices, key=key)
        grade = SINGLE_CHOICE.grade_output(shown, row["prediction"], language="en")
        said = row["prediction"].split("answer is ")[-1].strip().rstrip(".")
        agreed[(grade.outcome == "correct") == (said == row["target"])] += 1
    assert agreed == {True: 328}


def test_halluqa_outputs_are_read(shared):
    choices = tuple(Choice(letter, at, "") for at, letter in enumerate("ABCDE"))
    shown = Presented("single_choice", "x", "zh-Hans", 0, "", choices)
    rows = shared("items/halluqa_mc_model_outputs_sample.jsonl.gz")
    unread = [
        row for row in rows if SINGLE_CHOICE.extract(shown, row["response"], language="zh-Hans") is None
    ]
    assert len(rows) == 245
    assert len(unread) <= 5  # refusals, free answers and "B, C, D, E"
