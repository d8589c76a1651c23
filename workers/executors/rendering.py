"""From a prompt to a request: system prompt, worked examples, seed and sampling, the same for every executor."""

from __future__ import annotations

from typing import Any

from workers.executors.base import RunSettings, derived_seed
from workers.providers.base import Message


def messages_for(prompt: str, settings: RunSettings) -> tuple[Message, ...]:
    """The chat: system prompt, each example as a turn of both sides, then the question."""
    system = [{"role": "system", "content": settings.system_prompt}] if settings.system_prompt else []
    shots = [
        {"role": role, "content": content}
        for shot in settings.few_shot
        for role, content in (("user", shot.question), ("assistant", shot.answer))
    ]
    return (*system, *shots, {"role": "user", "content": prompt})


def plain_text_for(prompt: str, settings: RunSettings) -> str:
    """The same as one text, for models that know no chat."""
    shots = [f"{shot.question}\n{shot.answer}" for shot in settings.few_shot]
    return "\n\n".join(part for part in (settings.system_prompt, *shots, prompt) if part)


def seed_for(settings: RunSettings, item_key: str, repeat: int) -> int | None:
    """The seed of this request, None where the run sends none."""
    return None if settings.seed is None else derived_seed(settings.seed, item_key, repeat)


def sampling_for(settings: RunSettings) -> dict[str, Any]:
    """The fields of an Ask that the settings decide alone."""
    return {
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "stop": settings.stop,
        "response_format": settings.response_format,
        "grammar": settings.grammar,
        "stream": settings.stream,
        "extra": settings.extra,
    }
