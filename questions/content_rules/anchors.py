"""How far the offline grading agrees with the graded sample answers that come with a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from questions.kinds.base import Body
from questions.kinds.long_text import LONG_TEXT, grade_by_key_points


@dataclass(frozen=True, slots=True)
class AnchorAgreement:
    """Over all anchors: criteria judged alike (of how many), and the mean distance of the scores (None for
    none).

    `apart` names the anchors whose scores are 0.5 or more apart, `id[index]`: their alias lists want
    another look.
    """

    anchors: int
    criteria: int
    agreeing: int
    mean_distance: float | None
    apart: tuple[str, ...]


def anchor_agreement(questions: Sequence[Body]) -> AnchorAgreement:
    """Grade every anchor of sound long-text questions by key points and compare with what its author
    marked.
    """
    criteria = agreeing = 0
    distances: list[float] = []
    apart = []
    for body in questions:
        for index, anchor in enumerate(body["anchors"]):
            shown = LONG_TEXT.present(body, language=anchor["language"], seed=0)
            grade = grade_by_key_points(shown, anchor["text"])
            met = {entry.criterion for entry in grade.evidence if entry.verdict == "met"}
            names = [criterion["id"] for criterion in body["rubric"]]
            criteria += len(names)
            agreeing += sum((name in met) == (name in anchor["met"]) for name in names)
            distances.append(abs((grade.score or 0.0) - anchor["score"]))
            apart += [f"{body['id']}[{index}]"] if distances[-1] >= 0.5 else []
    mean = sum(distances) / len(distances) if distances else None
    return AnchorAgreement(len(distances), criteria, agreeing, mean, tuple(apart))
