"""Reasoning and answer, in the shapes models and servers leave them."""

import pytest

from workers.gateway.think import split_reasoning
from workers.providers.base import Reply


@pytest.mark.parametrize(
    ("text", "answer", "reasoning"),
    [
        ("<think>a b</think>Answer: C", "Answer: C", "a b"),
        ("<think>\na\n</think>\n\nAnswer: C\n", "Answer: C", "a"),
        ("  <think></think>\nC", "C", ""),
        ("reasoning from an opened template</think>\nC", "C", "reasoning from an opened template"),
        ("<thinking>a</thinking>C", "C", "a"),
        ("<|begin_of_thought|>a<|end_of_thought|>C", "C", "a"),
        ("<think>a</think>R1 closes with </think> too.", "R1 closes with </think> too.", "a"),
    ],
)
def test_reasoning_leaves_the_text(text: str, answer: str, reasoning: str) -> None:
    reply = split_reasoning(Reply(text, finish_reason="stop"))
    assert (reply.text, reply.reasoning, reply.finish_reason) == (answer, reasoning, "stop")


@pytest.mark.parametrize("text", ["<think>First I will", " <thinking>so", "<think>"])
def test_a_reasoning_that_never_ends_is_no_answer(text: str) -> None:
    reply = split_reasoning(Reply(text, finish_reason="stop"))
    assert reply.text == ""
    assert reply.finish_reason == "length"


def test_a_template_that_opens_the_reasoning_itself() -> None:
    cut = split_reasoning(Reply("still thinking", finish_reason="length"), opened_in_prompt=True)
    assert (cut.text, cut.reasoning) == ("", "still thinking")
    whole = split_reasoning(Reply("thought</think>C"), opened_in_prompt=True)
    assert whole.text == "C"
    parsed = Reply("C", reasoning="the server split it already")
    assert split_reasoning(parsed, opened_in_prompt=True) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "Answer: B",
        "1 < 2, so B",
        "R1 writes <think> before and </think> after its reasoning.",
        "It ends with `</think>` and then the answer.",
        "",
    ],
)
def test_text_that_only_speaks_of_tags_is_left_alone(text: str) -> None:
    assert split_reasoning(Reply(text)) == Reply(text)


def test_reasoning_of_the_server_and_of_the_text_are_joined() -> None:
    assert split_reasoning(Reply("<think>b</think>C", reasoning="a")).reasoning == "a\nb"
