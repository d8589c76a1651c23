"""Generated answers: what is asked, and what a reply is worth."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from workers.executors.base import RunSettings, Shot, derived_seed
from workers.executors.chat import EXECUTOR as CHAT
from workers.executors.items import ItemSpecError
from workers.providers.base import Reply

SETTINGS = RunSettings()


def settle(item: Any, kind: str, text: str, settings: RunSettings = SETTINGS, **reply: Any) -> Any:
    return CHAT.settle(item(kind), Reply(text, **{"finish_reason": "stop", **reply}), settings)


def test_the_question_is_the_last_message(item: Any) -> None:
    ask = CHAT.render(item("single_choice"), SETTINGS)
    assert ask.kind == "chat"
    (message,) = ask.messages
    assert message["role"] == "user"
    assert "Which number is even?" in message["content"]
    assert "B. four" in message["content"]


def test_system_prompt_and_examples_come_before(item: Any) -> None:
    settings = RunSettings(system_prompt="Be brief.", few_shot=(Shot("1+1?", "Answer: 2"),))
    roles = [
        (message["role"], message["content"][:9])
        for message in CHAT.render(item("short_text"), settings).messages
    ]
    assert roles[:3] == [("system", "Be brief."), ("user", "1+1?"), ("assistant", "Answer: 2")]
    assert roles[3][0] == "user"


def test_base_models_are_asked_in_plain_text(item: Any) -> None:
    settings = RunSettings(
        chat_template=False, system_prompt="Be brief.", few_shot=(Shot("1+1?", "Answer: 2"),)
    )
    ask = CHAT.render(item("short_text"), settings)
    assert ask.kind == "completion"
    assert ask.prompt.startswith("Be brief.\n\n1+1?\nAnswer: 2\n\nWhat is the capital")


def test_rendering_is_the_same_after_a_trip_through_json(item: Any) -> None:
    spec = item("single_choice", "zh-Hans")
    again = CHAT.render(orjson.loads(orjson.dumps(spec)), SETTINGS)
    assert again.request_hash() == CHAT.render(spec, SETTINGS).request_hash()


def test_the_runs_language_decides_the_instructions(item: Any) -> None:
    assert "答案" in CHAT.render(item("short_text", "zh-Hans"), SETTINGS).messages[0]["content"]
    assert (
        "Answer:"
        in CHAT.render(item("short_text", "zh-Hans"), RunSettings(language="en")).messages[0]["content"]
    )


def test_sampling_and_seed_are_the_runs(item: Any) -> None:
    settings = RunSettings(
        temperature=0.5, max_tokens=9, top_p=0.8, stop=("x",), seed=3, extra={"top_k": 2}, stream=True
    )
    first, second = (CHAT.render(item("short_text"), settings, repeat=repeat) for repeat in (0, 1))
    assert (first.temperature, first.max_tokens, first.top_p, first.stop, first.stream) == (
        0.5,
        9,
        0.8,
        ("x",),
        True,
    )
    assert first.seed == derived_seed(3, "short_text-1", 0)
    assert second.seed == derived_seed(3, "short_text-1", 1)
    assert CHAT.render(item("short_text"), SETTINGS).seed is None


@pytest.mark.parametrize(
    ("kind", "text", "outcome", "score", "extracted"),
    [
        ("single_choice", "Four is even.\nAnswer: B", "correct", 1.0, "B"),
        ("single_choice", "Answer: A", "wrong", 0.0, "A"),
        ("single_choice", "It could be any of them.", "invalid", 0.0, ""),
        ("single_choice", "I'm sorry, but I can't help with that.", "refused", 0.0, ""),
        ("single_choice", "抱歉,我无法回答这个问题。", "refused", 0.0, ""),
        ("single_choice", "  \n", "empty", 0.0, ""),
        ("multiple_choice", "Answer: A, C", "correct", 1.0, "A,C"),
        ("short_text", "Answer: Paris", "correct", 1.0, "Paris"),
        ("short_text", "Answer: Rome", "wrong", 0.0, "Rome"),
    ],
)
def test_outcomes(kind: str, text: str, outcome: str, score: float, extracted: str, item: Any) -> None:
    result = settle(item, kind, text)
    assert (result.outcome, result.score, result.extracted) == (outcome, score, extracted)
    assert (result.grader, result.rung) == ("chat/1", "key")


def test_evidence_says_why_and_where(item: Any) -> None:
    text = "So.\nAnswer: B"
    result = settle(item, "single_choice", text)
    where = next(entry for entry in result.evidence if "extraction" in entry)
    start, end = where["span"]
    assert text[start:end] == "B"
    assert any(entry.get("verdict") == "met" for entry in result.evidence)
    orjson.dumps(result.evidence)


def test_free_text_waits_for_a_judge_and_is_never_zero(item: Any) -> None:
    for text in ("Queries meet keys, and values are mixed.", "Answer", "I'm sorry, I cannot say."):
        result = settle(item, "long_text", text)
        assert (result.outcome, result.score) == ("ungraded", None)
        assert result.extracted == text


def test_empty_free_text_needs_no_judge(item: Any) -> None:
    assert settle(item, "long_text", "").outcome == "empty"


def test_cut_free_text_still_waits_and_says_that_it_was_cut(item: Any) -> None:
    result = settle(item, "long_text", "Queries meet", finish_reason="length")
    assert result.outcome == "ungraded"
    assert "cut" in result.evidence[0]["note"]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("", "truncated"),
        ("Let us look at A. three first, which", "truncated"),
        ("Could be B", "truncated"),
        ("Answer: B because four is", "correct"),
    ],
)
def test_a_cut_answer_counts_only_where_it_was_stated(text: str, outcome: str, item: Any) -> None:
    assert settle(item, "single_choice", text, finish_reason="length").outcome == outcome


def test_a_base_model_that_never_stops_is_judged_by_what_it_said(item: Any) -> None:
    plain = RunSettings(chat_template=False)
    assert (
        settle(item, "single_choice", "B\n\nQuestion 2", plain, finish_reason="length").outcome == "correct"
    )
    assert settle(item, "single_choice", "the the the", plain, finish_reason="length").outcome == "truncated"


def test_a_reasoning_without_an_answer_is_truncated(item: Any) -> None:
    reply = {"reasoning": "Let me think about B", "finish_reason": "length"}
    assert settle(item, "single_choice", "", **reply).outcome == "truncated"


def test_filters_and_marked_refusals(item: Any) -> None:
    assert settle(item, "single_choice", "half", finish_reason="content_filter").outcome == "refused"
    assert settle(item, "single_choice", "No.", notes={"refusal": True}).outcome == "refused"


def test_a_refusing_tone_with_an_answer_is_an_answer(item: Any) -> None:
    assert settle(item, "single_choice", "I cannot be sure, but\nAnswer: B").outcome == "correct"


@pytest.mark.parametrize(
    "broken", [{}, {"presented": {}}, {"key": "k", "presented": {"kind": "single_choice"}}]
)
def test_a_broken_item_is_named(broken: dict[str, Any]) -> None:
    with pytest.raises(ItemSpecError, match="presented"):
        CHAT.render(broken, SETTINGS)


def test_an_item_without_a_key_is_refused(item: Any) -> None:
    with pytest.raises(ItemSpecError, match="key"):
        CHAT.render({**item("single_choice"), "key": ""}, SETTINGS)
