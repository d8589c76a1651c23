"""Several right choices among several; all of them and no other is full marks."""

from __future__ import annotations

import re

from questions.kinds.base import Body, Evidence, Extracted, Grade, Kind, Outcome, Presented, Problem
from questions.kinds.choices import (
    choice_problems,
    choice_with,
    correct_indices,
    letter_cue,
    listing,
    presented_choices,
)
from questions.kinds.fields import common_problems, pair_problems
from questions.kinds.letters import find_bare, find_dressed, find_marked, read_set
from questions.kinds.texts import by_language, fold_width, in_language


class MultipleChoice(Kind):
    """Key: `{"indices": of the right choices}`.

    Score: (right ones picked - wrong ones picked) / right ones, never below 0, so picking everything does
    not pay.
    """

    name = "multiple_choice"

    def validate(self, body: Body) -> list[Problem]:
        return [
            *common_problems(body, ("choices", "order")),
            *pair_problems(body.get("stem"), "stem"),
            *choice_problems(body, correct=(2, 5)),
        ]

    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        choices = presented_choices(body, language, seed)
        return Presented(
            kind=self.name,
            question_id=body["id"],
            language=language,
            seed=seed,
            stem=in_language(body.get("stem"), language, "stem"),
            choices=choices,
            chance=1 / (2 ** len(choices) - 1),
            key={"indices": correct_indices(body)},
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        how = by_language(
            language,
            zh="可能有多个选项正确，选出全部。最后一行写：答案：X, Y（选项的字母，用逗号隔开）",
            en="More than one choice may be right; pick all. End with a line: Answer: X, Y (their letters)",
        )
        return f"{listing(presented)}\n\n{how}"

    def letters_prompt(self, presented: Presented, language: str) -> tuple[str, tuple[str, ...]]:
        return letter_cue(presented, language)

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        letters = presented.letters
        found, done = find_marked(text, letters, read_set)
        if done:
            return found
        whole = text.strip()
        if len(whole) <= 4 * len(letters) and (value := read_set(fold_width(whole), letters)):
            return Extracted(value, "bare", (0, len(text)))
        return find_bare(text, letters) or find_dressed(text, letters)

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        picked = set(re.findall(r"[A-Z]", fold_width(response).upper()))
        if not response.strip():
            return self.unanswered(presented, "empty")
        if not picked or not picked <= set(presented.letters):
            return self.unanswered(presented, "invalid")
        chosen = [choice_with(presented, letter) for letter in sorted(picked)]
        right = set(presented.key["indices"])
        worth = 1 / len(right)
        evidence = tuple(
            Evidence(
                f"choice:{choice.index}",
                "met" if choice.index in right else "not_met",
                worth if choice.index in right else -worth,
                choice.text,
            )
            for choice in chosen
        )
        exact = {choice.index for choice in chosen} == right
        score = 1.0 if exact else max(0.0, sum(entry.points for entry in evidence))
        outcome: Outcome = "correct" if exact else "partly" if score > 1e-9 else "wrong"
        found = Extracted(",".join(sorted(picked)), "direct", (0, len(response)))
        return Grade(score if outcome != "wrong" else 0.0, 1.0, outcome, self.rung, evidence, found)


MULTIPLE_CHOICE = MultipleChoice()
