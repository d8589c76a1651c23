"""Pages of a long list by key, not by offset: page 9 000 costs what page 1 costs."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

T = TypeVar("T")
SIZE = 50


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[T]):
    """One page; `previous` and `next` are the ids to give as `before` and `after`, None where there is no such page."""

    items: tuple[T, ...]
    previous: int | None
    next: int | None

    def __bool__(self) -> bool:
        return bool(self.items)


def page(
    rows: QuerySet[Any],
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = SIZE,
    newest_first: bool = False,
) -> KeysetPage[Any]:
    """The rows after (or before) an id, in the order of their ids. An id that is no number is taken as not given."""
    start, end = _number(after), _number(before)
    is_backwards = end is not None and start is None
    key = end if is_backwards else start
    is_descending = newest_first != is_backwards
    if key is not None:
        rows = rows.filter(pk__lt=key) if is_descending else rows.filter(pk__gt=key)
    found = list(rows.order_by("-pk" if is_descending else "pk")[: size + 1])
    is_more = len(found) > size
    found = found[:size]
    if is_backwards:
        found.reverse()
    if not found:
        return KeysetPage((), None, None)
    has_previous = is_more if is_backwards else start is not None
    has_next = True if is_backwards else is_more
    return KeysetPage(
        tuple(found),
        found[0].pk if has_previous else None,
        found[-1].pk if has_next else None,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
