"""What every template may use: the site's name, the navigation, which part of it is open."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_ROOMS: tuple[tuple[str, Promise], ...] = (
    ("boards:index", _("Boards")),
    ("runs:index", _("Runs")),
    ("endpoints:index", _("Endpoints")),
    ("suites:index", _("Suites")),
    ("bank:index", _("Questions")),
    ("practice:index", _("Practice")),
    ("queue", _("Queue")),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    label: Promise
    url: str
    is_current: bool


def navigation(request: HttpRequest) -> list[NavItem]:
    """The rooms of the site that are installed; a room whose address does not resolve is left out."""
    match = request.resolver_match
    here = (match.app_name or match.url_name) if match else ""
    items = []
    for name, label in _ROOMS:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        items.append(NavItem(label, url, here == name.partition(":")[0]))
    return items


def site(request: HttpRequest) -> dict[str, object]:
    return {"site_name": "EvalHub", "public_url": settings.PUBLIC_URL, "navigation": navigation(request)}
