"""`letters`: the probability the model gives each choice's letter; the likeliest is its answer.

The fair way to ask a base model, and one token a question for any. Questions without letters to compare (a number, a text) are
asked by `chat` in the same run, as plain text unless the settings say otherwise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from questions.kinds.base import KindError
from workers.executors.base import ItemSpec, Result, RunSettings
from workers.executors.chat import EXECUTOR as CHAT
from workers.executors.chat import result_of
from workers.executors.items import key_of, language_of, read_item
from workers.executors.rendering import messages_for, plain_text_for, seed_for
from workers.providers.base import Ask, Reply

GRADER = "letters/1"


class Letters:
    """Choice questions by letter probabilities, others by `chat`."""

    def render(self, item_spec: ItemSpec, settings: RunSettings, *, repeat: int = 0) -> Ask:
        """The request for one repeat of the item; see Executor.render."""
        presented, kind = read_item(item_spec)
        try:
            prompt, letters = kind.letters_prompt(presented, language_of(item_spec, settings, presented))
        except KindError:
            return CHAT.render(item_spec, _generating(settings), repeat=repeat)
        seed = seed_for(settings, key_of(item_spec), repeat)
        if settings.chat_template:
            return Ask(
                "letters",
                messages=messages_for(prompt, settings),
                letters=letters,
                seed=seed,
                extra=settings.extra,
            )
        text = plain_text_for(prompt, settings)
        return Ask(
            "letters", prompt=text, letters=spelled_after(text, letters), seed=seed, extra=settings.extra
        )

    def settle(self, item_spec: ItemSpec, reply: Reply, settings: RunSettings) -> Result:
        """The worth of a reply; see Executor.settle."""
        if reply.letter_probs is None:
            return CHAT.settle(item_spec, reply, _generating(settings))
        presented, kind = read_item(item_spec)
        missing = list(reply.notes.get("letters_missing", ()))
        note = ({"letters_missing": missing},) if missing else ()
        if not reply.letter_probs:
            return Result("invalid", 0.0, evidence=note, grader=GRADER, rung=kind.rung, letter_probs={})
        best = likeliest(reply.letter_probs)
        grade = kind.grade(presented, best, language=language_of(item_spec, settings, presented))
        result = result_of(grade, letter_probs=dict(reply.letter_probs), grader=GRADER)
        return dataclasses.replace(result, extracted=best, evidence=(*result.evidence, *note))


def likeliest(probs: Mapping[str, float]) -> str:
    """The letter with the highest probability; the first in the alphabet where two are level."""
    return min(probs, key=lambda letter: (-probs[letter], letter))


def spelled_after(cue: str, letters: tuple[str, ...]) -> tuple[str, ...]:
    """The letters as they follow the cue: after one space in English (`Answer:`), at once in Chinese (`答案:`)."""
    space = " " if cue.rstrip(":： ")[-1:].isascii() and not cue[-1:].isspace() else ""
    return tuple(space + letter for letter in letters)


def _generating(settings: RunSettings) -> RunSettings:
    return dataclasses.replace(settings, chat_template=bool(settings.chat_template))


EXECUTOR = Letters()
