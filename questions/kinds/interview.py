"""An interview: a graph of turns, where the grade of one turn decides which comes next."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from questions.kinds.base import Body, Extracted, Grade, Kind, KindError, Outcome, Presented, Problem
from questions.kinds.fields import (
    common_problems,
    duplicates,
    items,
    pair_problems,
    problem_if,
    unknown_fields,
)
from questions.kinds.long_text import RUNG, grade_by_key_points
from questions.kinds.rubric import required_points, rubric_problems
from questions.kinds.texts import by_language, in_language
from questions.kinds.verdicts import rubric_of

MOST_TURNS = 6


def next_node(node: Mapping[str, Any], grade: Grade) -> str | None:
    """The id of the turn that follows `node` (of a body, or a turn's key) after this grade; None ends the
    interview.

    The first rule that holds decides: `{missed: [ids]}` if any of these criteria is not met, `{below: x}`
    if the
    turn's score is under x, `always`. An unscored turn follows `always` only.
    """
    missed = {entry.criterion for entry in grade.evidence if entry.verdict == "not_met"}
    if grade.outcome in ("empty", "invalid"):
        missed |= {criterion["id"] for criterion in node.get("rubric", ())}
    for rule in node.get("next") or ():
        if _holds(rule["when"], grade.score, missed):
            return str(rule["go"])
    return None


def thread_grade(grades: Sequence[Grade]) -> Grade:
    """The grade of a whole interview: points earned over points at stake, all turns together.

    Unscored where a turn is; `empty` where every turn is. Raises KindError for no turns or mixed rungs.
    """
    rungs = {grade.rung for grade in grades}
    if len(rungs) != 1:
        raise KindError(f"an interview needs turns graded by one rung, not {sorted(rungs) or 'none'}")
    most = sum(grade.max_score for grade in grades)
    evidence = tuple(entry for grade in grades for entry in grade.evidence)
    if any(grade.score is None for grade in grades):
        return Grade(None, most, "unscored", rungs.pop(), evidence)
    score = sum((grade.score or 0.0) * grade.max_score for grade in grades) / most
    outcome: Outcome = "correct" if score >= 1 - 1e-9 else "partly" if score > 0 else "wrong"
    if all(grade.outcome == "empty" for grade in grades):
        outcome = "empty"
    return Grade(score, most, outcome, rungs.pop(), evidence)


class Interview(Kind):
    """Key of a turn: `{"id", "rubric", "next"}`. `present` gives the opening turn behind the scene that the
    stem sets, `present_node` any turn alone.
    """

    name = "interview"
    rung = RUNG

    def validate(self, body: Body) -> list[Problem]:
        found = common_problems(body, ("nodes",), solution=False)
        if "stem" in body:
            found += pair_problems(body["stem"], "stem")
        nodes, wrong = items(body.get("nodes"), "nodes", 2, 20)
        for index, node in enumerate(nodes):
            wrong += _node_problems(node, f"nodes[{index}]")
        return found + (wrong or _graph_problems(nodes))

    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        opening = self.present_node(body, body["nodes"][0]["id"], language=language, seed=seed)
        if "stem" not in body:
            return opening
        scene = in_language(body["stem"], language, "stem")
        return dataclasses.replace(opening, stem=f"{scene}\n\n{opening.stem}")

    def present_node(self, body: Body, node_id: str, *, language: str, seed: int) -> Presented:
        """One turn of the interview. Raises KindError where the interview has no such turn."""
        node = next((node for node in body["nodes"] if node["id"] == node_id), None)
        if node is None:
            known = ", ".join(node["id"] for node in body["nodes"])
            raise KindError(f"{body['id']} has no turn {node_id!r}; it has {known}")
        return Presented(
            kind=self.name,
            question_id=body["id"],
            language=language,
            seed=seed,
            stem=in_language(node.get("ask"), language, f"nodes.{node_id}.ask"),
            extra={"node": node_id},
            key={"id": node_id, "rubric": list(node["rubric"]), "next": list(node.get("next") or [])},
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        how = by_language(
            language,
            zh="你在参加面试，请回答面试官的这个问题，不超过 250 字。",
            en="You are in an interview; answer this question of the interviewer in at most 150 words.",
        )
        return f"{presented.stem}\n\n{how}"

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        return Extracted(text, "whole", (0, len(text))) if text.strip() else None

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        return grade_by_key_points(presented, response)

    def max_score(self, presented: Presented) -> float:
        return required_points(rubric_of(presented))


def _holds(when: Any, score: float | None, missed: set[str]) -> bool:
    if when == "always":
        return True
    if score is None:
        return False
    if "below" in when:
        return bool(score < when["below"])
    return bool(missed & set(when["missed"]))


def _node_problems(node: Any, path: str) -> list[Problem]:
    if not isinstance(node, Mapping) or not isinstance(node.get("id"), str):
        return [Problem(path, f"is {node!r}; write {{id, ask, rubric, next}}")]
    found = unknown_fields(node, ("id", "ask", "rubric", "next"), path)
    found += pair_problems(node.get("ask"), f"{path}.ask")
    wrong = rubric_problems(node.get("rubric"), f"{path}.rubric", 2, 5)
    criteria = () if wrong else tuple(entry["id"] for entry in node["rubric"])
    rules, faults = items(node.get("next") or [], f"{path}.next", 0, 5)
    for index, rule in enumerate(rules):
        faults += _rule_problems(rule, f"{path}.next[{index}]", criteria)
    if not faults:
        late = [rule["go"] for rule in rules[:-1] if rule["when"] == "always"]
        faults += problem_if(bool(late), f"{path}.next", "has rules after `always` that can never hold")
    return found + wrong + faults


def _rule_problems(rule: Any, path: str, criteria: Sequence[str]) -> list[Problem]:
    if not isinstance(rule, Mapping) or not isinstance(rule.get("go"), str):
        return [Problem(path, f"is {rule!r}; write {{when: ..., go: id of a turn}}")]
    when = rule.get("when")
    found = unknown_fields(rule, ("when", "go"), path)
    if when == "always":
        return found
    if not isinstance(when, Mapping) or len(when) != 1 or not {"missed", "below"} & set(when):
        return [
            *found,
            Problem(f"{path}.when", f"is {when!r}; write always, {{missed: [ids]}} or {{below: 0.5}}"),
        ]
    if "below" in when:
        share = when["below"]
        fits = isinstance(share, int | float) and not isinstance(share, bool) and 0 < share <= 1
        return found + problem_if(
            not fits, f"{path}.when.below", f"is {share!r}; write a share above 0, up to 1"
        )
    strange = [name for name in when["missed"] or [None] if criteria and name not in criteria]
    return found + problem_if(
        bool(strange), f"{path}.when.missed", f"names {strange!r}; use ids of this turn's rubric"
    )


def _graph_problems(nodes: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """The turns must form a graph without loops, all reachable from the first, with no path of over 6
    turns.
    """
    names = [node["id"] for node in nodes]
    if same := duplicates(names):
        return [Problem("nodes", f"use an id twice: {', '.join(same)}")]
    ways = {node["id"]: [rule["go"] for rule in node.get("next") or ()] for node in nodes}
    lost = sorted({name for goes in ways.values() for name in goes} - set(names))
    if lost:
        return [Problem("nodes", f"lead to {', '.join(lost)}, which is not there")]
    paths, longest, seen = [[names[0]]], 0, set()
    while paths:
        path = paths.pop()
        seen.add(path[-1])
        longest = max(longest, len(path))
        if path[-1] in path[:-1]:
            return [Problem("nodes", f"run in a circle: {' -> '.join(path)}")]
        if len(path) <= MOST_TURNS:
            paths += [[*path, name] for name in ways[path[-1]]]
    unseen = [name for name in names if name not in seen]
    return [
        *problem_if(longest > MOST_TURNS, "nodes", f"have a path of over {MOST_TURNS} turns"),
        *problem_if(bool(unseen) and longest <= MOST_TURNS, "nodes", f"never reach {', '.join(unseen)}"),
    ]


INTERVIEW = Interview()
