"""Steps to be put in order."""

from __future__ import annotations

import math
import re
from itertools import combinations

from questions.kinds.base import Body, Evidence, Extracted, Grade, Kind, Outcome, Presented, Problem
from questions.kinds.choices import lettered, listing, shuffled
from questions.kinds.fields import common_problems, duplicates, items, pair_problems, problem_if
from questions.kinds.letters import find_marked, read_order
from questions.kinds.texts import by_language, fold_width, in_language, squash


class Ordering(Kind):
    """Key: `{"order": letters in the right order}`.

    Score: Kendall's tau between the two orders, never below 0: 1 for the right order, 0 for one no better
    than chance.
    """

    name = "ordering"

    def validate(self, body: Body) -> list[Problem]:
        steps, found = items(body.get("steps"), "steps", 4, 7)
        found += common_problems(body, ("steps",)) + pair_problems(body.get("stem"), "stem")
        wrong = [p for at, step in enumerate(steps) for p in pair_problems(step, f"steps[{at}]")]
        if found or wrong:
            return found + wrong
        for language in ("zh-Hans", "en"):
            same = duplicates([squash(step[language]) for step in steps])
            found += problem_if(
                bool(same), "steps", f"say the same thing twice in {language}: {', '.join(same)}"
            )
        return found

    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        texts = [in_language(step, language, f"steps[{at}]") for at, step in enumerate(body["steps"])]
        order = shuffled(body["id"], seed, len(texts))
        if order == sorted(order):
            order = order[1:] + order[:1]
        choices = lettered(texts, order)
        return Presented(
            kind=self.name,
            question_id=body["id"],
            language=language,
            seed=seed,
            stem=in_language(body.get("stem"), language, "stem"),
            choices=choices,
            chance=1 / math.factorial(len(choices)),
            key={"order": [choice.letter for choice in sorted(choices, key=lambda choice: choice.index)]},
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        how = by_language(
            language,
            zh="把全部步骤排成正确的顺序。最后一行写：答案：先后顺序的字母，用逗号隔开",
            en="Put all steps in the right order. End with a line: Answer: and the letters in that order",
        )
        return f"{listing(presented)}\n\n{how}"

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        found, done = find_marked(text, presented.letters, read_order)
        if done:
            return found
        lines = [line for line in text.splitlines() if line.strip()]
        for line in (text, lines[-1], lines[0]) if lines else ():
            if value := read_order(fold_width(line.strip()), presented.letters):
                start = text.index(line)
                return Extracted(value, "bare", (start, start + len(line)))
        return None

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        given = re.findall(r"[A-Z]", fold_width(response).upper())
        if not response.strip():
            return self.unanswered(presented, "empty")
        if sorted(given) != sorted(presented.letters):
            return self.unanswered(presented, "invalid")
        right = presented.key["order"]
        pairs = list(combinations(right, 2))
        kept = [given.index(first) < given.index(second) for first, second in pairs]
        score = max(0.0, 2 * sum(kept) / len(pairs) - 1)
        outcome: Outcome = "correct" if score == 1.0 else "partly" if score > 0 else "wrong"
        evidence = tuple(
            Evidence(f"{first}<{second}", "met" if held else "not_met", 0.0)
            for (first, second), held in zip(pairs, kept, strict=True)
            if right.index(second) == right.index(first) + 1
        )
        found = Extracted(",".join(given), "direct", (0, len(response)))
        return Grade(score, 1.0, outcome, self.rung, evidence, found)


ORDERING = Ordering()
