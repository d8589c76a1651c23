"""A word or a short phrase."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from questions.kinds.base import LANGUAGES, Body, Evidence, Extracted, Grade, Kind, Presented, Problem
from questions.kinds.fields import common_problems, items, pair_problems, problem_if, unknown_fields
from questions.kinds.letters import marked
from questions.kinds.quantities import clean
from questions.kinds.texts import by_language, fold_width, in_language, squash

_DRESS = re.compile(r"^[\s*_`\"'“”‘’「」『』]+|[\s*_`\"'“”‘’「」『』。.!]+$")
_LONGEST = 60  # signs of a line that can be an answer as it stands


class ShortText(Kind):
    """Key: `{"accepted": phrases of both languages}`, compared after folding case, width, spaces and
    punctuation.
    """

    name = "short_text"

    def validate(self, body: Body) -> list[Problem]:
        return [
            *common_problems(body, ("answer",)),
            *pair_problems(body.get("stem"), "stem"),
            *_accepted_problems(body.get("answer")),
        ]

    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        accepted = body["answer"]["accepted"]
        return Presented(
            kind=self.name,
            question_id=body["id"],
            language=language,
            seed=seed,
            stem=in_language(body.get("stem"), language, "stem"),
            key={"accepted": [str(phrase) for name in LANGUAGES for phrase in accepted.get(name, [])]},
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        how = by_language(
            language,
            zh="用一个词或短语作答。最后一行写：答案：你的答案",
            en="Answer with a word or a short phrase. End with a line: Answer: your answer",
        )
        return f"{presented.stem}\n\n{how}"

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        folded = fold_width(text)
        for start, end, how in reversed(list(marked(folded))):
            line = text[start:end].strip().split("\n")[0]
            if phrase := _undressed(line):
                at = text.index(line, start)
                return Extracted(phrase, how, (at, at + len(line)))
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines or len(lines[-1].strip()) > (_LONGEST if len(lines) > 1 else 3 * _LONGEST):
            return None
        at = text.rindex(lines[-1])
        how = "last line" if len(lines) > 1 else "bare"
        return Extracted(_undressed(lines[-1]), how, (at, at + len(lines[-1])))

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        if not response.strip():
            return self.unanswered(presented, "empty")
        matched = next((phrase for phrase in presented.key["accepted"] if _same(phrase, response)), None)
        score = 0.0 if matched is None else 1.0
        evidence = Evidence("phrase", "met" if matched else "not_met", score, response.strip(), matched or "")
        found = Extracted(response.strip(), "direct", (0, len(response)))
        return Grade(score, 1.0, "correct" if score else "wrong", self.rung, (evidence,), found)


def _same(phrase: str, given: str) -> bool:
    """Equal after folding; two texts of punctuation alone are compared sign by sign."""
    if squash(phrase) or squash(given):
        return squash(phrase) == squash(given)
    return "".join(phrase.split()) == "".join(given.split())


def _undressed(line: str) -> str:
    """The phrase alone: no LaTeX, Markdown or quotes around it, no full stop, no article."""
    plain = _DRESS.sub("", clean(line))
    return re.sub(r"^(?:the|an?)\s+(?=\S)", "", plain, flags=re.IGNORECASE)


def _accepted_problems(answer: Any) -> list[Problem]:
    accepted = answer.get("accepted") if isinstance(answer, Mapping) else None
    if not isinstance(answer, Mapping) or not isinstance(accepted, Mapping):
        return [Problem("answer", f"is {answer!r}; write {{accepted: {{zh-Hans: [...], en: [...]}}}}")]
    found = unknown_fields(answer, ("accepted",), "answer") + unknown_fields(
        accepted, LANGUAGES, "answer.accepted"
    )
    for language in LANGUAGES:
        path = f"answer.accepted.{language}"
        phrases, wrong = items(accepted.get(language), path, 1, 20)
        blank = [phrase for phrase in phrases if not squash(str(phrase))]
        found += wrong + problem_if(bool(blank), path, f"holds {blank!r}, which says nothing after folding")
    return found


SHORT_TEXT = ShortText()
