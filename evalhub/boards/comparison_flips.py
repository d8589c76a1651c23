"""Items that one run has right and the other does not, a page at a time, with both answers side by side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Left, Length

from evalhub import keyset
from evalhub.runs.models import Answer, Run
from evalhub.runs.queries.access import may_read_items
from evalhub.runs.rendering import expected_answer, presented_of
from evalhub.suites.models import Item

SIZE = 20
SHOWN_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Snippet:
    """The beginning of one answer; `text` is empty where the reader may not see the item."""

    pk: int
    run_id: int
    repeat: int
    outcome: str
    extracted: str
    text: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class FlipLine:
    """An item with the answers of both runs, in the order of the pair. Held out: no stem, no key, no text."""

    item: Item
    name: str
    is_readable: bool
    stem: str
    expected: str
    first: tuple[Snippet, ...]
    second: tuple[Snippet, ...]


def flip_page(
    user: Any, pair: tuple[Run, Run], item_ids: Sequence[int], *, after: str | None, before: str | None
) -> keyset.KeysetPage[FlipLine]:
    """A page of these items. Two queries, three for a reader whose roles are not known yet."""
    rows = Item.objects.filter(pk__in=window(sorted(item_ids), after, before)).select_related(
        "question_version__question"
    )
    found = keyset.page(rows, after=after, before=before, size=SIZE)
    answers = _snippets(pair, [item.pk for item in found.items]) if found else {}
    lines = tuple(_line(user, item, pair, answers) for item in found.items)
    return keyset.KeysetPage(lines, found.previous, found.next)


def window(item_ids: Sequence[int], after: str | None, before: str | None) -> Sequence[int]:
    """The few sorted ids a page can show, so that ten thousand flips are not ten thousand SQL parameters."""
    if after and after.isascii() and after.isdigit():
        return [pk for pk in item_ids if pk > int(after)][: SIZE + 1]
    if before and before.isascii() and before.isdigit():
        return [pk for pk in item_ids if pk < int(before)][-SIZE - 1 :]
    return item_ids[: SIZE + 1]


def _snippets(pair: tuple[Run, Run], item_ids: Sequence[int]) -> dict[tuple[int, int], list[Snippet]]:
    rows = (
        Answer.objects.filter(run__in=pair, item__in=item_ids)
        .annotate(start=Left("text", SHOWN_CHARACTERS), size=Length("text"))
        .order_by("repeat")
        .values_list("item_id", "run_id", "pk", "repeat", "outcome", "extracted", "start", "size")
    )
    found: dict[tuple[int, int], list[Snippet]] = defaultdict(list)
    for item_id, run_id, pk, repeat, outcome, extracted, start, size in rows:
        is_cut = size > SHOWN_CHARACTERS
        found[item_id, run_id].append(Snippet(pk, run_id, repeat, outcome, extracted, start, is_cut))
    return found


def _line(
    user: Any, item: Item, pair: tuple[Run, Run], answers: dict[tuple[int, int], list[Snippet]]
) -> FlipLine:
    version = item.question_version
    name = version.question.slug if version else item.key[:24]
    first, second = (tuple(answers.get((item.pk, run.pk), ())) for run in pair)
    if not may_read_items(user, item):
        return FlipLine(item, name, False, "", "", _closed(first), _closed(second))
    presented = presented_of(item.spec)
    return FlipLine(
        item=item,
        name=name,
        is_readable=True,
        stem=presented.stem if presented else "",
        expected=expected_answer(presented) if presented else "",
        first=first,
        second=second,
    )


def _closed(snippets: tuple[Snippet, ...]) -> tuple[Snippet, ...]:
    return tuple(Snippet(s.pk, s.run_id, s.repeat, s.outcome, "", "", False) for s in snippets)
