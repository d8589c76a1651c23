"""What every kind promises, asked of every entry of the registry."""

from __future__ import annotations

import json

import pytest

from evalhub.registry import UnknownEntry
from questions.kinds import KINDS
from questions.kinds.base import LANGUAGES, OUTCOMES, Grade, KindError, Presented

RIGHT = {
    "numeric": "112 GB",
    "short_text": "lora",
    "long_text": "Policy, critic, reward and reference model; a KL penalty keeps the policy near.",
    "interview": "A policy, a critic, a reward model and a reference model, with a KL penalty.",
}


def right_answer(shown: Presented) -> str:
    key = shown.key
    if shown.kind == "single_choice":
        return next(choice.letter for choice in shown.choices if choice.index == key["index"])
    if shown.kind == "multiple_choice":
        return ",".join(choice.letter for choice in shown.choices if choice.index in key["indices"])
    if shown.kind == "ordering":
        return ",".join(key["order"])
    return RIGHT[shown.kind]


GRADABLE = [name for name in KINDS if name != "code"]
each_kind = pytest.mark.parametrize("name", list(KINDS))
each_gradable = pytest.mark.parametrize("name", GRADABLE)


@each_kind
def test_a_sound_question_has_no_problems(name, body):
    assert KINDS[name].validate(body(name)) == []


@each_kind
@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("id", "S2_Sample", "id"),
        ("id", "f1-sample", "id"),
        ("style", "thoughtful", "style"),
        ("depth", None, "depth"),
        ("difficulty", True, "difficulty"),
        ("stage", 5, "stage"),
        ("audience", ["everyone"], "audience[0]"),
        ("solution", {"en": "One side only."}, "solution.zh-Hans"),
        ("solutions", {}, "solutions"),
        ("references", [{"title": "x", "url": "http://a.b", "checked": "2026-11-22"}], "references[0].url"),
        ("references", [{"title": "x", "url": "https://a.b", "checked": "soon"}], "references[0].checked"),
    ],
)
def test_a_spoiled_field_is_named(name, body, field, value, path):
    assert path in {problem.path for problem in KINDS[name].validate(body(name, **{field: value}))}


@each_kind
def test_a_missing_language_is_named(name, body):
    field = {"interview": "nodes"}.get(name, "stem")
    spoiled = body(name)
    text = spoiled["nodes"][0]["ask"] if field == "nodes" else spoiled["stem"]
    del text["en"]
    paths = [problem.path for problem in KINDS[name].validate(spoiled)]
    assert paths == ["nodes[0].ask.en" if field == "nodes" else "stem.en"]
    with pytest.raises(KindError, match="no text in en"):
        KINDS[name].present(spoiled, language="en", seed=0)


@each_kind
@pytest.mark.parametrize("language", LANGUAGES)
def test_presented_survives_json(name, body, language):
    shown = KINDS[name].present(body(name), language=language, seed=3)
    assert Presented.from_dict(json.loads(json.dumps(shown.as_dict()))) == shown
    assert 0 <= shown.chance < 0.5


@each_kind
def test_what_is_shown_holds_no_key(name, body):
    shown = KINDS[name].present(body(name), language="en", seed=3)
    assert shown.key
    assert "key" not in shown.shown()


@each_kind
def test_an_unknown_language_is_refused(name, body):
    with pytest.raises(KindError, match="Unknown language 'fr'"):
        KINDS[name].present(body(name), language="fr", seed=0)


@each_kind
@pytest.mark.parametrize(("language", "cue"), [("zh-Hans", "答案"), ("en", "Answer")])
def test_the_prompt_asks_in_its_language(name, body, language, cue):
    shown = KINDS[name].present(body(name), language=language, seed=0)
    text = KINDS[name].prompt(shown, language=language)
    assert text.startswith(shown.stem)
    assert all(choice.text in text for choice in shown.choices)
    asked = text.removeprefix(shown.stem)
    assert (cue in asked) or name in ("long_text", "interview", "code")
    assert len(asked) < 400


@each_gradable
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_answer_is_right_from_a_person_and_from_a_model(name, body, language):
    kind = KINDS[name]
    shown = kind.present(body(name), language=language, seed=5)
    answer = right_answer(shown)
    attempt = kind.grade(shown, answer, language=language)
    said = answer if name in ("long_text", "interview") else f"Let me think.\n\nAnswer: {answer}"
    output = kind.grade_output(shown, said, language=language)
    assert (attempt.outcome, output.outcome) == ("correct", "correct")
    assert attempt.score == output.score == 1.0
    assert output.extracted is not None
    start, end = output.extracted.span
    assert said[start:end].strip()


@each_kind
def test_a_blank_answer_is_empty_and_earns_nothing(name, body):
    shown = KINDS[name].present(body(name), language="en", seed=0)
    for grade in (
        KINDS[name].grade(shown, " \n", language="en"),
        KINDS[name].grade_output(shown, "\t", language="en"),
    ):
        assert (grade.outcome, grade.score) == ("empty", 0.0)
        assert grade.max_score == KINDS[name].max_score(shown)


@each_kind
def test_a_grade_survives_json(name, body):
    shown = KINDS[name].present(body(name), language="en", seed=0)
    grade = KINDS[name].grade_output(shown, "Answer: A, B, C, D 112 GB and more words here", language="en")
    assert grade.outcome in OUTCOMES
    assert Grade.from_dict(json.loads(json.dumps(grade.as_dict()))) == grade


@each_kind
def test_only_choices_have_letters_to_score(name, body):
    shown = KINDS[name].present(body(name), language="zh-Hans", seed=0)
    if name in ("single_choice", "multiple_choice"):
        text, letters = KINDS[name].letters_prompt(shown, "zh-Hans")
        assert text.endswith("答案：")
        assert letters == ("A", "B", "C", "D")
    else:
        with pytest.raises(KindError, match="no letters"):
            KINDS[name].letters_prompt(shown, "zh-Hans")


def test_an_unknown_kind_is_answered_with_the_nearest():
    with pytest.raises(UnknownEntry, match="Did you mean 'single_choice'"):
        KINDS["singel_choice"]
    with pytest.raises(UnknownEntry, match="Choose one of: single_choice"):
        KINDS.get("essay")
    assert "essay" not in KINDS


def test_every_kind_has_a_label_and_its_own_name():
    assert all(label and KINDS[name].name == name for name, label in KINDS.choices())
