"""What was asked and what was read from the answer, made again from frozen data; a hash proves that it is what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evalhub.runs.models import Answer
from questions.kinds import KINDS
from questions.kinds.base import KindError, Presented
from workers.executors.base import RunSettings, SettingsError, hash_of, render_asks
from workers.executors.registry import EXECUTORS, executor_for
from workers.providers.base import Ask

VERIFIED, CHANGED, UNKNOWN = "verified", "changed", "unknown"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the prompt; role `prompt` for a plain completion."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The prompt as it is rendered today. `proof` is `verified` where its hash is the stored one, `changed` where it is
    not (the renderer or the item was changed since), `unknown` where no hash was stored or nothing could be rendered."""

    turns: tuple[Turn, ...]
    proof: str
    request_hash: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """A raw answer in three: before, what the answer was read from, after. Nothing read: all of it is `before`."""

    before: str
    found: str = ""
    after: str = ""


def render_again(answer: Answer) -> Rendered:
    """The request of this answer, from its item and its run's settings. Never raises: a problem is told."""
    try:
        settings = RunSettings.from_dict(answer.run.settings)
        spec = answer.item.spec
        executor = executor_for(spec, EXECUTORS.get(settings.method))
        asks = render_asks(executor, spec, settings, answer.repeat)
    except (SettingsError, KindError, LookupError, TypeError, ValueError) as error:
        return Rendered((), UNKNOWN, problem=f"{type(error).__name__}: {error}")
    found = hash_of(asks)
    proof = UNKNOWN if not answer.request_hash else VERIFIED if found == answer.request_hash else CHANGED
    return Rendered(tuple(turn for ask in asks for turn in _turns(ask)), proof, found)


def split_answer(answer: Answer) -> Split:
    """The raw answer around the words that the extraction was read from."""
    presented = presented_of(answer.item.spec)
    if presented is None or not answer.extracted:
        return Split(answer.text)
    try:
        found = KINDS[presented.kind].extract(presented, answer.text, language=presented.language)
    except (KindError, LookupError):
        return Split(answer.text)
    if found is None or found.value != answer.extracted:
        return Split(answer.text)
    start, end = found.span
    return Split(answer.text[:start], answer.text[start:end], answer.text[end:])


def presented_of(spec: Mapping[str, Any]) -> Presented | None:
    """The question as it was presented; None for items that have no such form (lm-eval's)."""
    presented = spec.get("presented")
    if not isinstance(presented, Mapping):
        return None
    try:
        return Presented.from_dict(presented)
    except (TypeError, KeyError):
        return None


def expected_answer(presented: Presented) -> str:
    """The key as people read it: letters, a number with its unit, the accepted words; empty for free text."""
    key = presented.key
    if "index" in key or "indices" in key:
        return ", ".join(sorted(right_letters(presented)))
    if "value" in key:
        return f"{key['value']} {key.get('unit', '')}".strip()
    if "order" in key:
        return ", ".join(key["order"])
    return " / ".join(key.get("accepted", ()))


def right_letters(presented: Presented) -> frozenset[str]:
    """The letters of the right choices, as presented."""
    indices = presented.key.get("indices", [presented.key.get("index")])
    return frozenset(choice.letter for choice in presented.choices if choice.index in indices)


def _turns(ask: Ask) -> tuple[Turn, ...]:
    turns = tuple(
        Turn(str(message.get("role", "")), str(message.get("content", ""))) for message in ask.messages
    )
    if ask.prompt:
        turns = (*turns, Turn("prompt", ask.prompt))
    return (*turns, Turn("continuation", ask.continuation)) if ask.continuation else turns
