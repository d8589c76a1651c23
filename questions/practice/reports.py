"""An interview as read: the list of threads, the talk so far, and the report at the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q

from questions.bank.models import Question, QuestionVersion
from questions.bank.services import body_of
from questions.kinds.base import Grade
from questions.kinds.rubric import read_rubric
from questions.practice import interviews
from questions.practice.highlight import Piece, pieces
from questions.practice.models import Attempt, Card, Turn


@dataclass(frozen=True)
class Thread:
    """An interview on offer: its scene or else its first question, how many turns it may take, and how the person stands."""

    question: Question
    opening: str
    turns: int
    best: float | None
    is_open: bool


def threads(user: Any, language: str) -> list[Thread]:
    """Every interview the person may take (1 query)."""
    rows = Question.objects.visible_to(user).for_practice().filter(current__kind="interview")
    own = Q(versions__attempts__user=user) if user.is_authenticated else Q(pk=None)
    waiting = own & Q(versions__attempts__submitted_at=None, versions__attempts__turns__isnull=False)
    rows = rows.select_related("current__topic").annotate(
        best=Max("versions__attempts__score", filter=own), open=Max("versions__attempts__pk", filter=waiting)
    )
    return [_thread(row, language) for row in rows.order_by("current__topic__position", "slug")]


def _thread(question: Any, language: str) -> Thread:
    nodes = body_of(question.current)["nodes"]
    opening = scene(question.current, language) or nodes[0]["ask"][language]
    return Thread(question, opening, longest_path(nodes), question.best, bool(question.open))


def scene(version: QuestionVersion, language: str) -> str:
    """The situation every turn is asked in; "" where the interview needs none."""
    return str((body_of(version).get("stem") or {}).get(language, ""))


def longest_path(nodes: list[Mapping[str, Any]]) -> int:
    """The most turns an interview may take; its graph has no circles (Interview.validate)."""
    ways = {node["id"]: [rule["go"] for rule in node.get("next") or ()] for node in nodes}

    def depth(name: str) -> int:
        return 1 + max((depth(after) for after in ways[name]), default=0)

    return depth(nodes[0]["id"])


@dataclass(frozen=True)
class Said:
    """A turn before the report: what was asked and answered, without a verdict."""

    turn: Turn
    ask: str


def talk(attempt: Attempt) -> list[Said]:
    """The turns so far, the open one last (1 query)."""
    turns = attempt.turns.select_related("attempt__question_version")
    return [Said(turn, interviews.presented(turn).stem) for turn in turns]


@dataclass(frozen=True)
class CriterionLine:
    """A criterion in words, what was found of it, and the points it brought of those it could."""

    text: str
    role: str
    verdict: str
    points: float
    of: float
    quote: str
    note: str


@dataclass(frozen=True)
class TurnReport:
    turn: Turn
    ask: str
    score: float | None
    pieces: list[Piece]
    lines: list[CriterionLine]

    @property
    def missing(self) -> list[CriterionLine]:
        """What a strong answer has and this one has not."""
        return [line for line in self.lines if line.verdict != "met" and line.role != "penalty"]


@dataclass(frozen=True)
class Report:
    """The whole interview by criterion; `card` says when it comes back."""

    attempt: Attempt
    scene: str
    turns: list[TurnReport]
    card: Card | None


def report(attempt: Attempt) -> Report:
    """The report of a finished interview (2 queries)."""
    turns = [
        _turn_report(turn) for turn in attempt.turns.select_related("attempt__question_version") if turn.grade
    ]
    card = Card.objects.filter(user=attempt.user_id, question=attempt.question_version.question_id).first()
    return Report(attempt, scene(attempt.question_version, attempt.language), turns, card)


def _turn_report(turn: Turn) -> TurnReport:
    asked, grade = interviews.presented(turn), Grade.from_dict(turn.grade)
    found = {entry.criterion: entry for entry in grade.evidence}
    lines = []
    for criterion in read_rubric(asked.key["rubric"]):
        entry = found.get(criterion.id)  # none where the answer was empty or not worth grading
        lines.append(
            CriterionLine(
                text=criterion.text[turn.attempt.language],
                role=criterion.role,
                verdict=entry.verdict if entry else "not_met",
                points=entry.points if entry else 0.0,
                of=criterion.points,
                quote=entry.quote if entry and entry.verdict != "not_met" else "",
                note=entry.note if entry else "",
            )
        )
    marks = [line.quote for line in lines if line.role != "penalty"]
    return TurnReport(turn, asked.stem, grade.score, pieces(turn.response, marks), lines)
