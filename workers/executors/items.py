"""Reading an item spec: the presented question, its kind, the language to ask in."""

from __future__ import annotations

from typing import Any

from questions.kinds import KINDS
from questions.kinds.base import Kind, Presented
from workers.executors.base import ItemSpec, RunSettings


class ItemSpecError(ValueError):
    """An item spec that cannot be asked; the message names the item, what is wrong and the cure."""


def read_item(item_spec: ItemSpec) -> tuple[Presented, Kind]:
    """The question as frozen and the kind that prompts and grades it. Raises ItemSpecError."""
    try:
        presented = Presented.from_dict(item_spec["presented"])
    except (KeyError, TypeError) as error:
        raise ItemSpecError(
            f"Item {item_spec.get('key', '?')!r} has no readable 'presented' ({error!r}); freeze the suite version again."
        ) from None
    return presented, KINDS[presented.kind]


def language_of(item_spec: ItemSpec, settings: RunSettings, presented: Presented) -> str:
    """The language the instructions are written in: the run's, else the item's own."""
    return settings.language or str(item_spec.get("language") or presented.language)


def key_of(item_spec: ItemSpec) -> str:
    """The stable key of an item. Raises ItemSpecError where it has none."""
    key: Any = item_spec.get("key")
    if not isinstance(key, str) or not key:
        raise ItemSpecError(f"An item has the key {key!r}; every item needs a non-empty text as its key.")
    return key
