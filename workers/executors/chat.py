"""`chat`: the model writes an answer; the kind finds it in the text and grades it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from questions.kinds.base import Grade
from workers.executors.base import ItemSpec, Outcome, Result, RunSettings
from workers.executors.grammars import grammar_for
from workers.executors.items import key_of, language_of, read_item
from workers.executors.refusals import is_refusal
from workers.executors.rendering import messages_for, plain_text_for, sampling_for, seed_for
from workers.providers.base import Ask, Reply

GRADER = "chat/1"
_KEYED = "key"
_CLAIMS = frozenset({"mark", "box", "direct"})
"""Ways of finding an answer that hold even where the text was cut: the model said that this is its answer."""


class Chat:
    """Generated answers of every kind of question."""

    def render(self, item_spec: ItemSpec, settings: RunSettings, *, repeat: int = 0) -> Ask:
        """The request for one repeat of the item; see Executor.render."""
        presented, kind = read_item(item_spec)
        language = language_of(item_spec, settings, presented)
        prompt = kind.prompt(presented, language=language)
        if settings.constrained and not settings.grammar:
            settings = dataclasses.replace(settings, grammar=grammar_for(presented, language))
        seed = seed_for(settings, key_of(item_spec), repeat)
        if settings.chat_template is False:
            return Ask(
                "completion",
                prompt=f"{plain_text_for(prompt, settings)}\n",
                seed=seed,
                **sampling_for(settings),
            )
        return Ask("chat", messages=messages_for(prompt, settings), seed=seed, **sampling_for(settings))

    def settle(self, item_spec: ItemSpec, reply: Reply, settings: RunSettings) -> Result:
        """The worth of a reply; see Executor.settle. Free text is never scored here: it waits for a judge."""
        presented, kind = read_item(item_spec)
        if reply.finish_reason == "content_filter":
            return _unanswered("refused", kind.rung, "stopped by the server's content filter")
        if not reply.text.strip():
            is_cut = reply.finish_reason == "length"
            return _unanswered(
                "truncated" if is_cut else "empty",
                kind.rung,
                "no text left after the reasoning" if is_cut else "",
            )
        if kind.rung != _KEYED:
            return _waiting(reply, kind.rung)
        grade = kind.grade_output(presented, reply.text, language=language_of(item_spec, settings, presented))
        if is_cut_short(reply, grade, settings):
            return _unanswered("truncated", grade.rung, "cut at max_tokens before an answer was stated")
        if grade.outcome == "invalid" and is_refusal(reply):
            return _unanswered("refused", grade.rung, reply.text[:160])
        return result_of(grade)


def is_cut_short(reply: Reply, grade: Grade, settings: RunSettings) -> bool:
    """Whether the text ended at its token limit before the answer: a letter met on the way is then no answer.

    Base models asked in plain text never stop by themselves; theirs counts as cut only where nothing was found.
    """
    if reply.finish_reason != "length":
        return False
    if grade.extracted is None:
        return True
    return settings.chat_template is not False and grade.extracted.method not in _CLAIMS


def result_of(
    grade: Grade, *, letter_probs: Mapping[str, float] | None = None, grader: str = GRADER
) -> Result:
    """A kind's grade as a result."""
    outcome: Outcome = "ungraded" if grade.outcome == "unscored" else grade.outcome
    return Result(
        outcome=outcome,
        score=None if outcome == "ungraded" else grade.score,
        extracted=grade.extracted.value if grade.extracted else "",
        evidence=tuple(_evidence(grade)),
        grader=grader,
        rung=grade.rung,
        letter_probs=letter_probs,
    )


def _evidence(grade: Grade) -> list[dict[str, Any]]:
    found = [dataclasses.asdict(item) for item in grade.evidence]
    if grade.extracted is not None:
        found.append({"extraction": grade.extracted.method, "span": list(grade.extracted.span)})
    return found


def _unanswered(outcome: Outcome, rung: str, note: str) -> Result:
    evidence = ({"note": note},) if note else ()
    return Result(outcome, 0.0, evidence=evidence, grader=GRADER, rung=rung)


def _waiting(reply: Reply, rung: str) -> Result:
    note = ({"note": "cut at max_tokens"},) if reply.finish_reason == "length" else ()
    return Result("ungraded", None, extracted=reply.text.strip(), evidence=note, grader=GRADER, rung=rung)


EXECUTOR = Chat()
