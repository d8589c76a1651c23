"""The one way this project names its plug-ins: an explicit dict of name -> label and dotted path, resolved lazily.

Pure: importing a registry imports none of what it lists, so a web process can show every provider's label
without loading the libraries behind any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class UnknownEntry(LookupError):
    """A name that the registry does not hold; the message offers the nearest names.

    Attributes: `kind` (what was looked for, such as "provider"), `name` (what was asked), `known` (every name held).
    """

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        self.kind, self.name, self.known = kind, name, known
        super().__init__(f"Unknown {kind} {name!r}. {self._cure()}")

    def _cure(self) -> str:
        nearest = get_close_matches(self.name.lower(), self.known, n=1, cutoff=0.6)
        if nearest:
            return f"Did you mean {nearest[0]!r}?"
        return f"Choose one of: {', '.join(self.known) or 'nothing is registered yet'}."


class BrokenEntry(ImportError):
    """An entry whose dotted path leads nowhere: a mistake in the registry, not in the caller."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a registry: the `label` people read and the dotted `path` ("package.module.attribute")."""

    label: str
    path: str


class Registry(Generic[T]):
    """Names -> entries, in the order written.

    `name` is the singular used in errors ("provider", "metric", "question type").

    >>> Registry("provider", {"openai": Entry("OpenAI", "collections.OrderedDict")}).choices()
    [('openai', 'OpenAI')]
    """

    def __init__(self, name: str, entries: Mapping[str, Entry]) -> None:
        self.name = name
        self.entries: Mapping[str, Entry] = MappingProxyType(dict(entries))

    def entry(self, name: str) -> Entry:
        """The entry called `name`. Raises UnknownEntry. Imports nothing."""
        try:
            return self.entries[name]
        except KeyError:
            raise UnknownEntry(self.name, name, tuple(self.entries)) from None

    def get(self, name: str) -> T:
        """The object behind `name`, imported now. Raises UnknownEntry, or BrokenEntry where its path leads nowhere."""
        path = self.entry(name).path
        module_name, _, attribute = path.rpartition(".")
        if not module_name:
            raise BrokenEntry(
                f"{self.name} {name!r} has the path {path!r}. Write it as 'package.module.attribute'."
            )
        module = import_module(module_name)
        try:
            found: Any = getattr(module, attribute)
        except AttributeError:
            raise BrokenEntry(
                f"{self.name} {name!r} has the path {path!r}, but {module_name} has no {attribute!r}. Correct the path."
            ) from None
        return found  # type: ignore[no-any-return]  # the registry's type parameter is the promise

    __getitem__ = get

    def label(self, name: str) -> str:
        """The label people read. Raises UnknownEntry."""
        return self.entry(name).label

    def choices(self) -> list[tuple[str, str]]:
        """(name, label) pairs for forms and model fields, in the order written."""
        return [(name, entry.label) for name, entry in self.entries.items()]

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)
