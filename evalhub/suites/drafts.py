"""What a source hands over for each item."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ItemDraft:
    """An item before it has a position; `spec` is what executors render and grade from."""

    key: str
    source: str
    kind: str
    language: str
    track: str
    topic: str
    cluster: str
    chance: float
    spec: Mapping[str, Any]
    question_version_id: int | None = None
