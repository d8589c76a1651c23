"""Interviews: the way from turn to turn, and graphs that lead nowhere."""

from __future__ import annotations

import pytest

from questions.kinds.base import Evidence, Grade, KindError
from questions.kinds.interview import INTERVIEW, next_node, thread_grade

FULL = "The policy, the critic, the reward model and the reference model, held by a KL penalty."
NO_KL = "The policy, the critic, the reward model and the reference model are needed."
VAGUE = "A big language model that is trained on very many examples."


@pytest.mark.parametrize(
    ("answer", "following"), [(FULL, "deeper"), (NO_KL, "simpler"), (VAGUE, "hint"), ("", "hint")]
)
def test_the_grade_decides_the_next_turn(body, answer, following):
    shown = INTERVIEW.present(body("interview"), language="en", seed=0)
    assert shown.extra == {"node": "open"}
    assert next_node(shown.key, INTERVIEW.grade(shown, answer, language="en")) == following
    assert (
        next_node(body("interview")["nodes"][0], INTERVIEW.grade(shown, answer, language="en")) == following
    )


def test_an_interview_ends_where_no_rule_holds(body):
    shown = INTERVIEW.present_node(body("interview"), "deeper", language="zh-Hans", seed=0)
    assert shown.stem == "显存怎么算?"
    assert next_node(shown.key, INTERVIEW.grade(shown, FULL, language="en")) is None


def test_an_unscored_turn_takes_the_plain_way(body):
    shown = INTERVIEW.present(body("interview"), language="en", seed=0)
    assert next_node(shown.key, Grade(None, 4.0, "unscored", "self")) == "deeper"


def test_an_unknown_turn_is_refused(body):
    with pytest.raises(KindError, match="it has open, hint"):
        INTERVIEW.present_node(body("interview"), "close", language="en", seed=0)


def test_turns_add_up_by_points():
    turns = [
        Grade(1.0, 2.0, "correct", "judge", (Evidence("a", "met", 2.0),)),
        Grade(0.5, 6.0, "partly", "judge", (Evidence("b", "partly", 3.0),)),
    ]
    whole = thread_grade(turns)
    assert (whole.score, whole.max_score, whole.outcome) == (0.625, 8.0, "partly")
    assert [entry.criterion for entry in whole.evidence] == ["a", "b"]
    assert thread_grade([*turns, Grade(None, 1.0, "unscored", "judge")]).score is None
    assert thread_grade([Grade(0.0, 2.0, "empty", "judge")]).outcome == "empty"
    for mixed in ([], [*turns, Grade(1.0, 1.0, "correct", "key_points")]):
        with pytest.raises(KindError, match="one rung"):
            thread_grade(mixed)


def chain(nodes, ways):
    """Turns named in `ways`, each with the first turn's text and rubric."""
    rules = {name: [{"when": "always", "go": goes} for goes in following] for name, following in ways.items()}
    return [{**nodes[0], "id": name, "next": rules[name][:1]} for name in ways]


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({"a": ["b"], "b": ["a"]}, "circle: a -> b -> a"),
        ({"a": ["z"], "b": []}, "lead to z"),
        ({"a": [], "b": []}, "never reach b"),
        ({str(turn): [str(turn + 1)] if turn < 6 else [] for turn in range(7)}, "over 6 turns"),
    ],
)
def test_graphs_that_do_not_end_well_are_named(body, ways, said):
    spoiled = body("interview")
    spoiled["nodes"] = chain(spoiled["nodes"], ways)
    problems = INTERVIEW.validate(spoiled)
    assert [problem.path for problem in problems] == ["nodes"]
    assert said in problems[0].message


def test_six_turns_are_allowed(body):
    sound = body("interview")
    sound["nodes"] = chain(
        sound["nodes"], {str(turn): [str(turn + 1)] if turn < 5 else [] for turn in range(6)}
    )
    assert INTERVIEW.validate(sound) == []


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"when": {"missed": ["nobody"]}, "go": "hint"}, "nodes[0].next[0].when.missed"),
        ({"when": {"below": 50}, "go": "hint"}, "nodes[0].next[0].when.below"),
        ({"when": "sometimes", "go": "hint"}, "nodes[0].next[0].when"),
        ({"when": "always", "go": "hint"}, "nodes[0].next"),
    ],
)
def test_rules_that_cannot_hold_are_named(body, rule, path):
    spoiled = body("interview")
    spoiled["nodes"][0]["next"][0] = rule
    assert [problem.path for problem in INTERVIEW.validate(spoiled)] == [path]
