"""What the mock says: answers that follow from the prompt alone, so that a test knows them without asking.

Three styles, by name in `STYLES`:
- `fixed`: always the same words.
- `echo`: the last message, word for word.
- `key`: the answer taught for this prompt (`MockBrain.teach`), given with probability `accuracy`; without one, a letter from
  the prompt's options, drawn from the prompt's hash. What is wrong on purpose is wrong for the same prompts every time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STYLES = ("echo", "key", "fixed")
FIXED_TEXT = "Answer: B"
_OPTION = re.compile(r"^([A-Z])[.)] ", re.MULTILINE)


def unit_draw(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts alone, equal on every machine."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def words_of(body: Mapping[str, Any]) -> str:
    """The text of a request: all message contents joined by newlines, or the prompt."""
    messages = body.get("messages")
    if isinstance(messages, list):
        return "\n".join(str(message.get("content", "")) for message in messages if isinstance(message, dict))
    return str(body.get("prompt", ""))


def last_words_of(body: Mapping[str, Any]) -> str:
    """The last message's content, or the prompt."""
    messages = body.get("messages")
    if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
        return str(messages[-1].get("content", ""))
    return str(body.get("prompt", ""))


def token_count(text: str) -> int:
    """The mock's own tokens: one for every 4 bytes of UTF-8, at least 1."""
    return max(1, len(text.encode()) // 4)


@dataclass
class MockBrain:
    """The answers of one mock. `taught` maps a text that occurs in a prompt to the right answer for it."""

    style: str = "key"
    seed: int = 0
    accuracy: float = 1.0
    fixed_text: str = FIXED_TEXT
    taught: dict[str, str] = field(default_factory=dict)

    def teach(self, answers: Mapping[str, str]) -> None:
        """Remember right answers by a text that occurs in their prompts."""
        self.taught.update(answers)

    def answer(self, body: Mapping[str, Any]) -> str:
        """The text the mock answers to this request."""
        if self.style == "fixed":
            return self.fixed_text
        if self.style == "echo":
            return last_words_of(body)
        prompt = words_of(body)
        options = options_of(prompt)
        right = self._taught_for(prompt)
        if right is None:
            return f"Answer: {self._drawn(options, prompt)}"
        if self._is_right(prompt):
            return f"Answer: {right}"
        others = [letter for letter in options if letter != right]
        return f"Answer: {self._drawn(others, prompt)}" if others else "Answer: I do not know"

    def letter_probs(self, body: Mapping[str, Any], letters: Sequence[str]) -> dict[str, float]:
        """Probabilities over the letters: 0.7 for the one it would answer, the rest shared."""
        chosen = self.answer(body).removeprefix("Answer: ")
        if chosen not in letters:
            chosen = self._drawn(letters, words_of(body))
        rest = 0.3 / max(len(letters) - 1, 1)
        return {letter: 0.7 if letter == chosen else rest for letter in letters}

    def loglikelihood(self, prompt: str, continuation: str) -> tuple[float, bool]:
        """Nats of the continuation after the prompt, and whether it is the greedy one: drawn from both texts' hash.

        A continuation that is the answer taught for this prompt is likely with probability `accuracy`.
        """
        if self._taught_for(prompt) == continuation.strip() and self._is_right(prompt):
            return -0.05, True
        length = max(1, len(continuation))
        draw = unit_draw(self.seed, "loglikelihood", prompt, continuation)
        return -length * (0.2 + 3 * draw), unit_draw(self.seed, "greedy", prompt, continuation) < 0.25

    def _taught_for(self, prompt: str) -> str | None:
        found = self.taught.get(prompt)
        if found is None:
            found = next((answer for text, answer in self.taught.items() if text in prompt), None)
        return found

    def _is_right(self, prompt: str) -> bool:
        return unit_draw(self.seed, "accuracy", prompt) < self.accuracy

    def _drawn(self, options: Sequence[str], prompt: str) -> str:
        return options[int(unit_draw(self.seed, prompt) * len(options))]


def options_of(prompt: str) -> list[str]:
    """The option letters a prompt lists at its line starts, in order; A to D where it lists none."""
    return list(dict.fromkeys(_OPTION.findall(prompt))) or ["A", "B", "C", "D"]
