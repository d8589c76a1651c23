"""Comparing runs: choose them, see every pair, then one pair by track, by topic and answer by answer."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evalhub.boards.comparison import (
    MOST_RUNS,
    Compared,
    Pair,
    by_topic,
    by_track,
    cut_names,
    flipped,
    load,
    pairs,
    run_names,
)
from evalhub.boards.comparison_flips import flip_page
from evalhub.boards.finished import finished_groups
from evalhub.runs.models import Run

SIDES = ("gained", "lost")


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """`?run=A&run=B`: the comparison; fewer: the runs to choose from. `pair`, `track`, `side` choose what is listed."""
    runs = _runs(request)
    if len(runs) < 2:
        return _choose(request, runs)
    compared = load(runs)
    found = pairs(compared)
    details = _details(request, compared, _chosen(request, found))
    context = {"compared": compared, "names": run_names(runs), "pairs": found, **details}
    return render(request, "boards/compare.html", context)


def _choose(request: HttpRequest, runs: list[Run]) -> HttpResponse:
    version = request.GET.get("suite_version", "")
    version_id = runs[0].suite_version_id if runs else int(version) if _is_id(version) else None
    groups = finished_groups(request.user, version_id, least=2)
    context = {"groups": groups, "chosen": {run.pk for run in runs}, "most": MOST_RUNS}
    return render(request, "boards/compare_choose.html", context)


def _details(request: HttpRequest, compared: Compared, pair: Pair) -> dict[str, Any]:
    first, second = compared.runs.index(pair.first), compared.runs.index(pair.second)
    names = cut_names(compared)
    track = request.GET.get("track", "")
    track = track if track in names.tracks else ""
    found = flipped(compared, first, second, track)
    side = request.GET.get("side", "")
    side = side if side in SIDES else "gained"
    page = flip_page(
        request.user,
        (pair.first, pair.second),
        found.gained if side == "gained" else found.lost,
        after=request.GET.get("after"),
        before=request.GET.get("before"),
    )
    return {
        "pair": pair,
        "tracks": by_track(compared, first, second, names.tracks),
        "topics": by_topic(compared, first, second, names.topics),
        "flips": found,
        "side": side,
        "track": track,
        "track_name": names.tracks.get(track, ""),
        "page": page,
    }


def _chosen(request: HttpRequest, found: list[Pair]) -> Pair:
    wanted = request.GET.get("pair", "")
    return next((pair for pair in found if pair.key == wanted), found[0])


def _runs(request: HttpRequest) -> list[Run]:
    """The runs asked for, once each, in the order given; one that the person may not see is not there."""
    asked = list(dict.fromkeys(request.GET.getlist("run")))
    if not all(_is_id(text) for text in asked):
        raise Http404
    ids = [int(text) for text in asked]
    found = Run.objects.visible_to(request.user).with_names().in_bulk(ids[: MOST_RUNS + 1]) if ids else {}
    if len(found) < len(ids[: MOST_RUNS + 1]):
        raise Http404
    return [found[pk] for pk in ids[: MOST_RUNS + 1]]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
