"""One right choice among several."""

from __future__ import annotations

from questions.kinds.base import Body, Evidence, Extracted, Grade, Kind, Presented, Problem
from questions.kinds.choices import (
    choice_problems,
    choice_with,
    correct_indices,
    letter_cue,
    listing,
    presented_choices,
)
from questions.kinds.fields import common_problems, pair_problems
from questions.kinds.letters import (
    find_alone,
    find_bare,
    find_dressed,
    find_marked,
    find_quoted,
    read_one,
)
from questions.kinds.texts import by_language, fold_width, in_language


class SingleChoice(Kind):
    """Key: `{"index": of the right choice}`."""

    name = "single_choice"

    def validate(self, body: Body) -> list[Problem]:
        return [
            *common_problems(body, ("choices", "order")),
            *pair_problems(body.get("stem"), "stem"),
            *choice_problems(body, correct=(1, 1)),
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
            chance=1 / len(choices),
            key={"index": correct_indices(body)[0]},
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        how = by_language(
            language,
            zh="只有一个选项正确。最后一行写：答案：X（X 是选项的字母）",
            en="Exactly one choice is right. End with a line: Answer: X (X is its letter)",
        )
        return f"{listing(presented)}\n\n{how}"

    def letters_prompt(self, presented: Presented, language: str) -> tuple[str, tuple[str, ...]]:
        return letter_cue(presented, language)

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        letters = presented.letters
        found, done = find_marked(text, letters, read_one)
        if done:
            return found
        return (
            find_bare(text, letters)
            or find_dressed(text, letters)
            or find_quoted(text, presented.choices)
            or find_alone(text, letters)
        )

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        letter = fold_width(response).strip().strip("().[]*: ").upper()
        if not letter:
            return self.unanswered(presented, "empty")
        if letter not in presented.letters:
            return self.unanswered(presented, "invalid")
        chosen = choice_with(presented, letter)
        right = chosen.index == presented.key["index"]
        score = 1.0 if right else 0.0
        evidence = Evidence(f"choice:{chosen.index}", "met" if right else "not_met", score, chosen.text)
        found = Extracted(letter, "direct", (0, len(response)))
        return Grade(score, 1.0, "correct" if right else "wrong", self.rung, (evidence,), found)


SINGLE_CHOICE = SingleChoice()
