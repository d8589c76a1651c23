"""What the pages of suites show. Runs and boards lie above suites: they are counted through the relations' names."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, OuterRef, Subquery

from evalhub import keyset
from evalhub.suites.models import Item, Suite, SuiteVersion
from questions.bank.models import Security, Topic


@dataclass(frozen=True, slots=True)
class SuiteLine:
    suite: Suite
    version: int | None
    items: int | None
    versions: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many items of a version one cut holds."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item in the preview; `stem` is empty where the question is held out from this reader."""

    item: Item
    stem: str
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class VersionView:
    version: SuiteVersion
    tracks: tuple[Share, ...]
    kinds: tuple[Share, ...]
    languages: tuple[Share, ...]
    page: keyset.KeysetPage[ItemLine]


def suite_lines(user: Any) -> list[SuiteLine]:
    """The suites this person may see, each with its newest version. One query."""
    newest = SuiteVersion.objects.filter(suite=OuterRef("pk")).order_by("-number")
    suites = Suite.objects.visible_to(user).annotate(
        newest=Max("versions__number"),
        newest_items=Subquery(newest.values("item_count")[:1]),
        version_count=Count("versions"),
    )
    return [SuiteLine(s, s.newest, s.newest_items, s.version_count) for s in suites]


def version_view(
    version: SuiteVersion, user: Any, *, after: str | None = None, before: str | None = None
) -> VersionView:
    """A version's make-up and one page of its items. At most five queries."""
    items = Item.objects.filter(version=version)
    names = {topic.track: topic.track_name for topic in Topic.objects.all()}
    found = keyset.page(
        items.select_related("question_version__question"), after=after, before=before, size=20
    )
    may_read = bool(getattr(user, "is_authenticated", False)) and user.has_role("reviewer")
    lines = tuple(_line(item, may_read) for item in found.items)
    return VersionView(
        version=version,
        tracks=_shares(items, "track", names),
        kinds=_shares(items, "kind", dict(Item._meta.get_field("kind").flatchoices)),
        languages=_shares(items, "language", {"en": "English", "zh-Hans": "中文"}),
        page=keyset.KeysetPage(lines, found.previous, found.next),
    )


def _line(item: Item, may_read: bool) -> ItemLine:
    question_version = item.question_version
    is_held_out = (
        question_version is not None
        and question_version.question.security == Security.HELD_OUT
        and not may_read
    )
    presented = item.spec.get("presented") or {}
    return ItemLine(item, "" if is_held_out else str(presented.get("stem", "")), is_held_out)


def _shares(items: Any, field: str, names: dict[str, Any]) -> tuple[Share, ...]:
    counts = dict(items.order_by().values_list(field).annotate(count=Count("pk")))
    ordered = [code for code in names if code in counts] + sorted(
        code for code in counts if code not in names
    )
    return tuple(Share(code, str(names.get(code, code)), counts[code]) for code in ordered)
