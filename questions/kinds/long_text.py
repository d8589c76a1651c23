"""A free answer, graded by a rubric: here by key points, elsewhere by a judge through
`grade_from_verdicts`.
"""

from __future__ import annotations

from questions.kinds.base import Body, Evidence, Extracted, Grade, Kind, Presented, Problem
from questions.kinds.fields import common_problems, pair_problems
from questions.kinds.key_points import content_fault, cover, without_echo
from questions.kinds.rubric import anchor_problems, read_rubric, required_points, rubric_problems
from questions.kinds.texts import by_language, in_language
from questions.kinds.verdicts import Verdict, grade_from_verdicts, rubric_of

RUNG = "key_points"


def grade_by_key_points(presented: Presented, response: str) -> Grade:
    """The offline rung: key-point coverage behind a minimum-content gate; every grade says which words
    earned it.
    """
    criteria = rubric_of(presented)
    if not response.strip():
        return Grade(0.0, required_points(criteria), "empty", RUNG)
    if fault := content_fault(response, presented.stem):
        gate = Evidence("content", "not_met", 0.0, response.strip()[:160], fault)
        return Grade(0.0, required_points(criteria), "invalid", RUNG, (gate,))
    answer = without_echo(response, presented.stem)
    covered = [cover(criterion, answer) for criterion in criteria]
    verdicts = [Verdict(entry.criterion, entry.verdict, entry.quote, entry.note) for entry in covered]
    return grade_from_verdicts(presented, response, verdicts, rung=RUNG)


class LongText(Kind):
    """Key: `{"rubric", "reference", "anchors"}` as in the body, in both languages."""

    name = "long_text"
    rung = RUNG

    def validate(self, body: Body) -> list[Problem]:
        found = common_problems(body, ("reference", "rubric", "anchors"), solution=False)
        found += pair_problems(body.get("stem"), "stem") + pair_problems(body.get("reference"), "reference")
        wrong = rubric_problems(body.get("rubric"), "rubric", 3, 8)
        return found + (wrong or anchor_problems(body.get("anchors"), read_rubric(body["rubric"])))

    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        return Presented(
            kind=self.name,
            question_id=body["id"],
            language=language,
            seed=seed,
            stem=in_language(body.get("stem"), language, "stem"),
            key={
                "rubric": list(body["rubric"]),
                "reference": dict(body["reference"]),
                "anchors": list(body.get("anchors") or []),
            },
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        how = by_language(
            language,
            zh="请像在面试中那样作答：先说结论，再说理由，给出具体数字或例子。不超过 400 字。",
            en="Answer as in an interview: the point, then reasons, with figures or an example. At most 250 words.",
        )
        return f"{presented.stem}\n\n{how}"

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        return Extracted(text, "whole", (0, len(text))) if text.strip() else None

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        return grade_by_key_points(presented, response)

    def max_score(self, presented: Presented) -> float:
        return required_points(rubric_of(presented))


LONG_TEXT = LongText()
