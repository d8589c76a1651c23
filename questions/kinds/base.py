"""What every kind of question promises: validate, present, prompt, extract, grade.

A kind works on the plain dict of one question (docs/design/content-format.md) and knows neither Django nor
the network.
A response is always a string, so one text column holds what a person typed and what was found in a model's
output:

| kind | canonical response |
|---|---|
| single_choice | the letter as presented: `B` |
| multiple_choice | letters as presented, sorted, joined by a comma: `A,C` |
| ordering | letters as presented, in the chosen order: `C,A,D,B` |
| numeric | number and unit: `112 GB` |
| short_text, long_text, interview, code | the text itself |
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Body = Mapping[str, Any]
"""The dict of one question, as parsed from YAML."""

Outcome = Literal["correct", "partly", "wrong", "empty", "invalid", "unscored"]
OUTCOMES: tuple[Outcome, ...] = ("correct", "partly", "wrong", "empty", "invalid", "unscored")
LANGUAGES = ("zh-Hans", "en")


class KindError(ValueError):
    """A question or a call that a kind cannot work with; the message says what, where and the cure."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a question: where it is (`choices[2].rationale.en`) and what to do about it."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose from: its letter as shown, its index in the question's own list, its text."""

    letter: str
    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Presented:
    """One question as asked: in one language, one order. `key` never leaves the server; `shown()` may.

    `seed` fixes the order of the choices; `unit` is the unit the answer is asked in; `extra` is shown as
    well (a starter
    program, the id of an interview's turn); `chance` is the probability that a blind guess is fully right.
    """

    kind: str
    question_id: str
    language: str
    seed: int
    stem: str
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    chance: float = 0.0
    extra: Mapping[str, str] = field(default_factory=dict)
    key: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Everything, key included, in JSON types; `from_dict` is its inverse."""
        return {**self.shown(), "key": dict(self.key)}

    def shown(self) -> dict[str, Any]:
        """What the answering side may see: everything but the key."""
        return {
            "kind": self.kind,
            "question_id": self.question_id,
            "language": self.language,
            "seed": self.seed,
            "stem": self.stem,
            "choices": [dataclasses.asdict(choice) for choice in self.choices],
            "unit": self.unit,
            "chance": self.chance,
            "extra": dict(self.extra),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Presented:
        """Read back what `as_dict` wrote, also after a trip through JSON."""
        return cls(**{**data, "choices": tuple(Choice(**choice) for choice in data["choices"])})

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters on offer, in the order shown."""
        return tuple(choice.letter for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Extracted:
    """An answer found in a text: its canonical value, by which rule, and where (start, end) in that text."""

    value: str
    method: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why points were given: a criterion, its verdict, the words of the answer that show it, the points it
    brought.
    """

    criterion: str
    verdict: Literal["met", "partly", "not_met"]
    points: float
    quote: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """What an answer is worth.

    `score` is the share reached, 0 to 1, and None only where nothing could grade it (outcome `unscored`);
    `max_score` is
    the number of points that share is of; `rung` names the method that graded (`key`, `key_points`,
    `judge`, `sandbox`),
    and rungs are never mixed in statistics.
    """

    score: float | None
    max_score: float
    outcome: Outcome
    rung: str
    evidence: tuple[Evidence, ...] = ()
    extracted: Extracted | None = None

    def as_dict(self) -> dict[str, Any]:
        """The grade in JSON types; `from_dict` is its inverse."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Grade:
        """Read back what `as_dict` wrote, also after a trip through JSON."""
        found = data["extracted"]
        evidence = tuple(Evidence(**item) for item in data["evidence"])
        extracted = found and Extracted(found["value"], found["method"], (found["span"][0], found["span"][1]))
        return cls(**{**data, "evidence": evidence, "extracted": extracted})


class Kind(ABC):
    """One type of question. Stateless: a single instance serves the whole process."""

    name: ClassVar[str]
    rung: ClassVar[str] = "key"

    @abstractmethod
    def validate(self, body: Body) -> list[Problem]:
        """Every fault of this question alone; an empty list means it can be presented and graded in both
        languages.
        """

    @abstractmethod
    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        """The question in one language; the same (question id, seed) always gives the same order of choices.

        Raises KindError where the language is missing; call `validate` first for the whole list of faults.
        """

    @abstractmethod
    def prompt(self, presented: Presented, *, language: str) -> str:
        """The text a language model is asked, with a plain instruction how to answer, in `language`."""

    def letters_prompt(self, presented: Presented, language: str) -> tuple[str, tuple[str, ...]]:
        """A prompt that ends where the letter follows, and the letters to compare by log-probability.

        Raises KindError for kinds without choices.
        """
        raise KindError(
            f"{self.name} has no letters to score; ask it with prompt() and read it with extract()"
        )

    @abstractmethod
    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        """The answer in a model's output (reasoning already removed); None where there is none or more than
        one.
        """

    @abstractmethod
    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        """Grade a canonical response: a person's attempt, or the `value` that `extract` found."""

    def grade_output(self, presented: Presented, text: str, *, language: str) -> Grade:
        """Extract, then grade: `empty` for a blank output, `invalid` where no answer can be found in it."""
        if not text.strip():
            return self.unanswered(presented, "empty")
        found = self.extract(presented, text, language=language)
        if found is None:
            return self.unanswered(presented, "invalid")
        grade = self.grade(presented, found.value, language=language)
        return dataclasses.replace(grade, extracted=found)

    def unanswered(self, presented: Presented, outcome: Literal["empty", "invalid"]) -> Grade:
        """The grade of a response that says nothing, or nothing of the asked form: no point, and it is said
        why.
        """
        return Grade(0.0, self.max_score(presented), outcome, self.rung)

    def max_score(self, presented: Presented) -> float:
        """The points at stake; 1 unless a rubric says otherwise."""
        return 1.0
