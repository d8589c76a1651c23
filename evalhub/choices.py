"""Choices as callables, so that a new provider or kind costs no migration.

Migrations name these functions by path: this module never moves and the names never change.
"""

from questions.kinds import KINDS
from workers.providers.registry import CATALOGUE

Choices = list[tuple[str, str]]


def providers() -> Choices:
    return [(name, entry.label) for name, entry in CATALOGUE.entries.items()]


def kinds() -> Choices:
    return [(name, entry.label) for name, entry in KINDS.entries.items()]
