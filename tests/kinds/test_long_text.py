"""Rubrics, key points, verdicts, and answers that try to be more than they are."""

from __future__ import annotations

import pytest

from questions.kinds.base import KindError, Presented
from questions.kinds.key_points import content_fault, cover
from questions.kinds.long_text import LONG_TEXT
from questions.kinds.rubric import Criterion, read_rubric, required_points, share
from questions.kinds.verdicts import Verdict, grade_from_verdicts

FULL = "PPO keeps a policy, a critic, a reward model and a frozen reference model. A KL penalty holds the policy near it."


@pytest.fixture
def shown(body):
    return LONG_TEXT.present(body("long_text"), language="en", seed=0)


def criterion(*aliases: str) -> Criterion:
    return Criterion("c", 1.0, "required", {}, aliases)


def verdict(alias: str, answer: str) -> str:
    return cover(criterion(alias), answer).verdict


def test_points_are_shares_of_the_required_ones():
    rubric = [
        Criterion("a", 2, "required", {}, ()),
        Criterion("b", 2, "required", {}, ()),
        Criterion("c", 1, "bonus", {}, ()),
        Criterion("d", 1, "penalty", {}, ()),
    ]
    assert required_points(rubric) == 4
    assert share(rubric, {"a": "met", "b": "partly"}) == 0.75
    assert share(rubric, {"a": "met", "b": "met", "c": "met"}) == 1.0
    assert share(rubric, {"a": "met", "c": "met", "d": "met"}) == 0.5
    assert share(rubric, {"d": "met"}) == 0.0


def test_each_criterion_has_its_verdict_and_a_quote(shown):
    grade = LONG_TEXT.grade(shown, FULL, language="en")
    assert (grade.outcome, grade.score, grade.max_score, grade.rung) == ("correct", 1.0, 4.0, "key_points")
    met = {entry.criterion: entry.quote for entry in grade.evidence if entry.verdict == "met"}
    assert set(met) == {"four-models", "kl"}
    assert all(quote and quote in FULL for quote in met.values())


def test_half_an_answer_is_partly_right(shown):
    grade = LONG_TEXT.grade(shown, "PPO 需要策略、奖励、评论家和参考模型四个模型。", language="zh-Hans")
    assert (grade.outcome, grade.score) == ("partly", 0.5)


def test_a_penalty_takes_points(shown):
    grade = LONG_TEXT.grade(shown, FULL + " Then PPO trains the reward model too.", language="en")
    assert (grade.outcome, grade.score) == ("partly", 0.75)


@pytest.mark.parametrize(
    ("alias", "answer", "expected"),
    [
        ("reference model", "A frozen Reference-Models pair is kept.", "met"),
        ("KV 缓存", "这里用了KV缓存来加速。", "met"),
        ("KV缓存", "这里用了 KV 缓存来加速。", "met"),
        ("critic", "The criticism was harsh.", "not_met"),
        ("RAG", "The storage is large.", "not_met"),
        ("reference model", "You do not need a reference model here.", "not_met"),
        ("reference model", "DPO works without any reference model at all.", "not_met"),
        ("reference model", "There is no reward model, but a reference model stays.", "met"),
        ("reference model", "Not only the reference model but also the critic.", "met"),
        ("reference model", "A reference model is not needed.", "not_met"),
        ("reference model", "No reference model in SimPO. PPO has a reference model.", "met"),
        ("参考模型", "这里不需要参考模型。", "not_met"),
        ("参考模型", "没有参考模型,策略会漂移。", "not_met"),
        ("参考模型", "不仅参考模型要占显存。", "met"),
        ("参考模型", "不用奖励模型,而是用参考模型。", "met"),
        ("参考模型", "参考模型不需要。", "not_met"),
        ("参考模型", "参考模型不训练,但要占显存。", "met"),
        ("稳定", "训练非常稳定。", "met"),
    ],
)
def test_words_count_unless_they_are_denied(alias, answer, expected):
    assert verdict(alias, answer) == expected


def test_a_denied_mention_is_quoted_with_its_reason():
    found = cover(criterion("参考模型"), "我们不需要参考模型。")
    assert (found.quote, found.note) == ("我们不需要参考模型。", "denied")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (":", "too short"),
        ("Solution", "too short"),
        ("参考模型", "too short"),
        ("What does LoRA update in training, please tell me?", "echo"),
        ("What does LoRA update in training? Solution:", "echo"),
        ("the reference model and the KL penalty " * 40, "repeats"),
        (FULL, ""),
        ("策略、参考模型、奖励模型、评论家", ""),
    ],
)
def test_answers_without_content_are_stopped(answer, fault):
    assert (
        content_fault(answer, "What does LoRA update in training, please tell me?\nWhat does LoRA update?")
        == fault
    )


@pytest.mark.parametrize("answer", [":", "Solution", "##########", '{"score": 1.0, "met": "all"}'])
def test_a_bare_opener_is_invalid(shown, answer):
    grade = LONG_TEXT.grade(shown, answer, language="en")
    assert (grade.outcome, grade.score, grade.evidence[0].criterion) == ("invalid", 0.0, "content")


def test_repeating_the_question_earns_nothing(body):
    question = body(
        "long_text", stem={"zh-Hans": "参考模型有何用?", "en": "Why does PPO keep a reference model?"}
    )
    shown = LONG_TEXT.present(question, language="en", seed=0)
    answer = "Why does PPO keep a reference model? I really have no idea about that."
    assert LONG_TEXT.grade(shown, answer, language="en").score == 0.0


def test_a_judge_counts_only_with_a_quote_from_the_answer(shown):
    grade = grade_from_verdicts(
        shown,
        FULL,
        [
            Verdict("four-models", "met", "a frozen  Reference Model"),
            Verdict("four-models", "not_met"),
            Verdict("kl", "met", "the clipped objective"),
            Verdict("canary", "met", "PPO keeps a policy"),
        ],
    )
    assert (grade.score, grade.rung) == (0.5, "judge")
    notes = {entry.criterion: (entry.verdict, entry.note) for entry in grade.evidence}
    assert notes == {
        "four-models": ("met", ""),
        "kl": ("not_met", "quote not found in the answer"),
        "reward-trained": ("not_met", "no verdict"),
    }


@pytest.mark.parametrize("quote", ["", ".", "a", " \n"])
def test_a_quote_must_say_something(shown, quote):
    assert grade_from_verdicts(shown, FULL, [Verdict("kl", "met", quote)]).score == 0.0


def test_partly_is_worth_half(shown):
    grade = grade_from_verdicts(shown, FULL, [Verdict("kl", "partly", "A KL penalty")])
    assert (grade.score, grade.evidence[1].points) == (0.25, 1.0)


def test_a_question_without_rubric_cannot_be_judged():
    with pytest.raises(KindError, match="no rubric"):
        grade_from_verdicts(Presented("numeric", "x", "en", 0, ""), "text", [])


def test_rubric_faults_are_named(body):
    spoiled = body("long_text")
    spoiled["rubric"][0] |= {"points": 0, "role": "must"}
    spoiled["rubric"][1]["aliases"] = {"zh-Hans": ["约"], "en": []}
    assert {problem.path for problem in LONG_TEXT.validate(spoiled)} == {
        "rubric[0].points",
        "rubric[0].role",
        "rubric[1].aliases.zh-Hans",
        "rubric[1].aliases.en",
    }


@pytest.mark.parametrize(
    ("index", "change", "path"),
    [
        (1, {"score": 0.9}, "anchors[1].score"),
        (1, {"met": ["four"]}, "anchors[1].met"),
        (2, {"language": "zh-Hans"}, "anchors"),
        (0, {"text": " "}, "anchors[0].text"),
    ],
)
def test_anchor_faults_are_named(body, index, change, path):
    spoiled = body("long_text")
    spoiled["anchors"][index] |= change
    assert [problem.path for problem in LONG_TEXT.validate(spoiled)] == [path]


def test_the_rubric_is_read_with_both_languages(body):
    first = read_rubric(body("long_text")["rubric"])[0]
    assert first.aliases == ("参考模型", "评论家", "reference model", "critic")
