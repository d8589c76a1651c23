"""Letter probabilities: what is asked, how a letter is spelled, and what the probabilities are worth."""

from __future__ import annotations

from typing import Any

import pytest

from workers.executors.base import RunSettings, Shot
from workers.executors.letters import EXECUTOR as LETTERS
from workers.executors.letters import likeliest, spelled_after
from workers.providers.base import Reply

SETTINGS = RunSettings(method="letters")


def test_choices_are_asked_by_letter_after_an_open_answer(item: Any) -> None:
    ask = LETTERS.render(item("single_choice"), SETTINGS)
    assert ask.kind == "letters"
    assert ask.prompt.endswith("C. five\n\nAnswer:")
    assert ask.letters == (" A", " B", " C")


def test_in_chinese_the_letter_follows_at_once(item: Any) -> None:
    ask = LETTERS.render(item("single_choice", "zh-Hans"), SETTINGS)
    assert ask.prompt.endswith("答案：")
    assert ask.letters == ("A", "B", "C")


@pytest.mark.parametrize(
    ("cue", "first"),
    [("Answer:", " A"), ("答案:", "A"), ("答案：", "A"), ("Answer: ", "A"), ("Answer:\n", "A")],
)
def test_spelling(cue: str, first: str) -> None:
    assert spelled_after(cue, ("A", "B"))[0] == first


def test_examples_come_before(item: Any) -> None:
    settings = RunSettings(
        method="letters", few_shot=(Shot("Odd?\nA. 1\nB. 2\n\nAnswer:", "A"),), system_prompt="Exam."
    )
    assert LETTERS.render(item("single_choice"), settings).prompt.startswith(
        "Exam.\n\nOdd?\nA. 1\nB. 2\n\nAnswer:\nA\n\nWhich"
    )


def test_through_the_chat_template_where_the_run_says_so(item: Any) -> None:
    ask = LETTERS.render(item("single_choice"), RunSettings(method="letters", chat_template=True))
    assert ask.messages[-1]["role"] == "user"
    assert (ask.prompt, ask.letters) == ("", ("A", "B", "C"))


def test_questions_without_letters_are_asked_in_plain_text_in_the_same_run(item: Any) -> None:
    ask = LETTERS.render(item("short_text"), SETTINGS)
    assert ask.kind == "completion"
    result = LETTERS.settle(item("short_text"), Reply("Answer: Paris", finish_reason="length"), SETTINGS)
    assert (result.outcome, result.grader) == ("correct", "chat/1")


@pytest.mark.parametrize(
    ("probs", "outcome", "score"),
    [({"A": 0.2, "B": 0.7, "C": 0.1}, "correct", 1.0), ({"A": 0.5, "B": 0.3, "C": 0.2}, "wrong", 0.0)],
)
def test_the_likeliest_letter_is_the_answer(
    probs: dict[str, float], outcome: str, score: float, item: Any
) -> None:
    result = LETTERS.settle(item("single_choice"), Reply("x", letter_probs=probs), SETTINGS)
    assert (result.outcome, result.score, result.extracted) == (outcome, score, likeliest(probs))
    assert (result.letter_probs, result.grader, result.rung) == (probs, "letters/1", "key")


def test_a_tie_goes_to_the_first_letter() -> None:
    assert likeliest({"B": 0.5, "A": 0.5}) == "A"


def test_missing_letters_are_told_and_none_at_all_is_invalid(item: Any) -> None:
    some = Reply("x", letter_probs={"A": 0.0, "B": 1.0, "C": 0.0}, notes={"letters_missing": ["A", "C"]})
    assert {"letters_missing": ["A", "C"]} in LETTERS.settle(item("single_choice"), some, SETTINGS).evidence
    none = Reply("x", letter_probs={}, notes={"letters_missing": ["A", "B", "C"]})
    result = LETTERS.settle(item("single_choice"), none, SETTINGS)
    assert (result.outcome, result.score) == ("invalid", 0.0)
