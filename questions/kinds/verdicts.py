"""From verdicts on criteria to a grade: whoever judged, the points are added here and the quotes
checked here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from questions.kinds.base import Evidence, Extracted, Grade, KindError, Outcome, Presented
from questions.kinds.rubric import SHARES, Criterion, VerdictName, read_rubric, required_points, share
from questions.kinds.texts import squash

_LEAST_QUOTE = 4  # letters and digits; Han characters count twice


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of one criterion, with the words of the answer that show it."""

    criterion: str
    verdict: VerdictName
    quote: str = ""
    note: str = ""


def grade_from_verdicts(
    presented: Presented, response: str, verdicts: Iterable[Verdict], *, rung: str = "judge"
) -> Grade:
    """Grade an answer from verdicts on its criteria, trusting them no further than their quotes.

    A verdict of `met` or `partly` counts only if its quote occurs in the answer (width, case, spaces and
    punctuation
    folded) and says something; a criterion without verdict is not met; verdicts on unknown criteria are
    left out; of
    two on the same criterion the first counts. Points are added and clamped to 0..1 here. Raises KindError
    for a
    question without a rubric.
    """
    criteria = rubric_of(presented)
    known = {criterion.id for criterion in criteria}
    first: dict[str, Verdict] = {}
    for verdict in verdicts:
        if verdict.criterion in known and verdict.verdict in SHARES:
            first.setdefault(verdict.criterion, verdict)
    evidence = tuple(_evidence(criterion, first.get(criterion.id), response) for criterion in criteria)
    score = share(criteria, {entry.criterion: entry.verdict for entry in evidence})
    outcome: Outcome = "correct" if score >= 1 - 1e-9 else "partly" if score > 0 else "wrong"
    found = Extracted(response, "whole", (0, len(response)))
    return Grade(score, required_points(criteria), outcome, rung, evidence, found)


def rubric_of(presented: Presented) -> tuple[Criterion, ...]:
    """The criteria in a question's key."""
    if not presented.key.get("rubric"):
        raise KindError(f"{presented.question_id} ({presented.kind}) has no rubric to grade by")
    return read_rubric(presented.key["rubric"])


def _evidence(criterion: Criterion, verdict: Verdict | None, response: str) -> Evidence:
    if verdict is None:
        return Evidence(criterion.id, "not_met", 0.0, note="no verdict")
    if verdict.verdict != "not_met" and not _is_quoted(verdict.quote, response):
        return Evidence(criterion.id, "not_met", 0.0, verdict.quote, "quote not found in the answer")
    points = criterion.earned(verdict.verdict)
    return Evidence(criterion.id, verdict.verdict, points, verdict.quote, verdict.note)


def _is_quoted(quote: str, response: str) -> bool:
    said = squash(quote)
    weight = sum(1 if sign.isascii() else 2 for sign in said)
    return weight >= _LEAST_QUOTE and said in squash(response)
