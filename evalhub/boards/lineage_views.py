"""Lineages: their list, the seesaw board of one, and its newest gate as JSON."""

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evalhub.boards.lineage import (
    Finished,
    Lines,
    Rule,
    default_parent,
    finished_runs,
    lines_of,
    only,
    seesaw,
    versions,
)
from evalhub.boards.lineage_report import gate_as_dict
from evalhub.endpoints.models import Lineage
from evalhub.suites.models import SuiteVersion


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    lineages = Lineage.objects.visible_to(request.user).annotate(size=Count("checkpoints")).order_by("name")
    return render(request, "boards/lineages.html", {"lineages": lineages})


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """`?parent=NAME&suite_version=ID`; without them the earliest checkpoint and the suite version used last."""
    lineage = _lineage(request, name)
    parent, found = _found(request, lineage)
    choices = versions(lineage, parent, found)
    context: dict[str, Any] = {
        "lineage": lineage,
        "parent": parent,
        "parents": _parents(lineage, parent, found),
        "versions": choices,
        "version": _version(request, choices),
    }
    if context["version"]:
        context["board"] = seesaw(lines_of(lineage, parent, context["version"], found), Rule())
    return render(request, "boards/lineage.html", context)


@require_safe
def gate(request: HttpRequest, name: str) -> HttpResponse:
    """The last checkpoint's verdict, or that of `?checkpoint=NAME`, as `manage.py gate --json` writes it."""
    lineage = _lineage(request, name)
    parent, found = _found(request, lineage)
    version = _version(request, versions(lineage, parent, found))
    if version is None:
        raise Http404
    lines: Lines = only(lines_of(lineage, parent, version, found), request.GET.get("checkpoint", ""))
    board = seesaw(lines, Rule())
    return JsonResponse(gate_as_dict(board, board.gates[-1]), json_dumps_params={"ensure_ascii": False})


def _lineage(request: HttpRequest, name: str) -> Lineage:
    lineage: Lineage = get_object_or_404(Lineage.objects.visible_to(request.user), name=name)
    return lineage


def _found(request: HttpRequest, lineage: Lineage) -> tuple[str, Finished]:
    """The parent's name and the runs; a parent whose runs the person may not see is not there."""
    asked = request.GET.get("parent", "")[:80]
    found = finished_runs(lineage, asked, request.user)
    if asked and not any(run.endpoint.name == asked for run in found.seen()):
        raise Http404
    return asked or default_parent(lineage, found), found


def _parents(lineage: Lineage, parent: str, found: Finished) -> list[str]:
    """Names to choose from: the checkpoints that have a run, and the parent wherever it comes from."""
    names = {run.endpoint.name for run in found.seen() if run.endpoint.lineage_id == lineage.pk}
    return sorted(names | {parent} - {""})


def _version(request: HttpRequest, choices: list[SuiteVersion]) -> SuiteVersion | None:
    asked = request.GET.get("suite_version", "")
    if not asked:
        return choices[0] if choices else None
    found = next((version for version in choices if str(version.pk) == asked), None)
    if found is None:
        raise Http404
    return found
