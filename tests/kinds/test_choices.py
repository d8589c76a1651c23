"""Order, faults and grading of the kinds with letters."""

from __future__ import annotations

from collections import Counter

import pytest

from questions.kinds.base import KindError
from questions.kinds.choices import shuffled
from questions.kinds.multiple_choice import MULTIPLE_CHOICE
from questions.kinds.ordering import ORDERING
from questions.kinds.single_choice import SINGLE_CHOICE


def test_the_order_depends_on_question_and_seed_alone():
    assert shuffled("f1-x", 7, 5) == shuffled("f1-x", 7, 5)
    assert len({tuple(shuffled("f1-x", seed, 5)) for seed in range(50)}) > 30
    assert len({tuple(shuffled(f"f1-{name}", 0, 5)) for name in range(50)}) > 30


def test_the_order_is_the_same_on_every_machine():
    assert shuffled("i1-kv-bytes", 1, 4) == [1, 0, 2, 3]  # by sha256sum


def test_every_place_is_as_likely():
    first = Counter(shuffled("x", seed, 4)[0] for seed in range(4000))
    assert all(abs(first[index] - 1000) < 110 for index in range(4))  # 4 standard deviations


def test_both_languages_show_the_same_order(body):
    zh, en = (
        SINGLE_CHOICE.present(body("single_choice"), language=name, seed=9) for name in ("zh-Hans", "en")
    )
    assert [choice.index for choice in zh.choices] == [choice.index for choice in en.choices]
    assert zh.key == en.key


def test_a_fixed_order_stays(body):
    shown = SINGLE_CHOICE.present(body("single_choice", order="fixed"), language="en", seed=4)
    assert [choice.index for choice in shown.choices] == [0, 1, 2, 3]


def test_chance_is_that_of_a_blind_guess(body):
    assert SINGLE_CHOICE.present(body("single_choice"), language="en", seed=0).chance == 1 / 4
    assert MULTIPLE_CHOICE.present(body("multiple_choice"), language="en", seed=0).chance == 1 / 15
    assert ORDERING.present(body("ordering"), language="en", seed=0).chance == 1 / 24


def test_single_choice_faults(body):
    two = body("single_choice")
    two["choices"][1]["correct"] = True
    assert [p.path for p in SINGLE_CHOICE.validate(two)] == ["choices"]
    bare = body("single_choice")
    del bare["choices"][2]["rationale"]
    assert [p.path for p in SINGLE_CHOICE.validate(bare)] == ["choices[2].rationale"]
    twin = body("single_choice")
    twin["choices"][1]["text"] = dict(twin["choices"][2]["text"], en="only  the BIASES.")
    assert {p.path for p in SINGLE_CHOICE.validate(twin)} == {"choices"}
    above = body("single_choice")
    above["choices"][3]["text"]["en"] = "All of the above"
    assert [p.path for p in SINGLE_CHOICE.validate(above)] == ["choices[3].text.en"]
    assert "choices" in {p.path for p in SINGLE_CHOICE.validate(body("single_choice", choices=None))}
    with pytest.raises(KindError, match="no choices"):
        SINGLE_CHOICE.present(body("single_choice", choices=None), language="en", seed=0)


@pytest.mark.parametrize(
    "text",
    [
        "Option B is right.",
        "See choice (C).",
        "选项 B 才对。",
        "B 项错误。",
        "the second option",
        "第二个选项",
    ],
)
def test_an_explanation_must_not_name_a_choice_by_place(body, text):
    spoiled = body("single_choice", solution={"zh-Hans": text, "en": text})
    assert {p.path for p in SINGLE_CHOICE.validate(spoiled)} == {"solution.zh-Hans", "solution.en"}


@pytest.mark.parametrize(
    "text", ["Matrix B is zero at first.", "A LoRA adapter", "选项目时先看数据", "两个选项都合理"]
)
def test_innocent_letters_are_let_through(body, text):
    assert SINGLE_CHOICE.validate(body("single_choice", solution={"zh-Hans": text, "en": text})) == []


def test_multiple_choice_needs_a_right_and_a_wrong_one(body):
    spoiled = body("multiple_choice")
    for choice in spoiled["choices"]:
        choice["correct"] = True
    assert [p.path for p in MULTIPLE_CHOICE.validate(spoiled)] == ["choices"]


def test_multiple_choice_counts_wrong_picks_against_right_ones(body):
    shown = MULTIPLE_CHOICE.present(body("multiple_choice"), language="en", seed=0)
    right = [choice.letter for choice in shown.choices if choice.index in (0, 1)]
    wrong = [choice.letter for choice in shown.choices if choice.index in (2, 3)]
    picks = {
        "all": ("wrong", 0.0, right + wrong),
        "one": ("partly", 0.5, right[:1]),
        "both and one": ("partly", 0.5, right + wrong[:1]),
        "exactly": ("correct", 1.0, right[::-1]),
        "none right": ("wrong", 0.0, wrong),
    }
    for outcome, score, letters in picks.values():
        grade = MULTIPLE_CHOICE.grade(shown, ",".join(letters), language="en")
        assert (grade.outcome, grade.score) == (outcome, score)
    assert MULTIPLE_CHOICE.grade(shown, "A,Z", language="en").outcome == "invalid"


def test_single_choice_evidence_names_the_stable_choice(body):
    shown = SINGLE_CHOICE.present(body("single_choice"), language="en", seed=2)
    wrong = next(choice for choice in shown.choices if choice.index == 2)
    grade = SINGLE_CHOICE.grade(shown, f" ({wrong.letter.lower()}) ", language="en")
    assert (grade.outcome, grade.evidence[0].criterion, grade.evidence[0].quote) == (
        "wrong",
        "choice:2",
        "Only the biases",
    )
    assert SINGLE_CHOICE.grade(shown, "E", language="en").outcome == "invalid"


def test_ordering_is_never_shown_solved_and_scored_by_pairs(body):
    for seed in range(40):
        shown = ORDERING.present(body("ordering"), language="en", seed=seed)
        assert [choice.index for choice in shown.choices] != [0, 1, 2, 3]
    right = shown.key["order"]
    swapped = [right[1], right[0], *right[2:]]
    assert ORDERING.grade(shown, " > ".join(right), language="en").score == 1.0
    near = ORDERING.grade(shown, "".join(swapped), language="en")
    assert (near.outcome, near.score) == ("partly", pytest.approx(2 / 3))  # tau with 1 of 6 pairs turned
    assert ORDERING.grade(shown, "".join(right[::-1]), language="en").outcome == "wrong"
    assert ORDERING.grade(shown, "".join(right[:3]), language="en").outcome == "invalid"
