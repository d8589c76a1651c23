from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from evalhub.accounts.access import can_evaluate, role_required
from evalhub.endpoints.forms import AddEndpointForm, EditEndpointForm
from evalhub.endpoints.models import Endpoint
from evalhub.endpoints.queries import note_of, preset_lines, preset_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    endpoints = Endpoint.objects.visible_to(request.user)
    return render(
        request, "endpoints/index.html", {"endpoints": endpoints, "can_edit": can_evaluate(request.user)}
    )


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    endpoint = get_object_or_404(
        Endpoint.objects.visible_to(request.user).select_related("lineage", "owner"), name=name
    )
    may_edit = (
        can_evaluate(request.user)
        and Endpoint.objects.editable_by(request.user).filter(pk=endpoint.pk).exists()
    )
    context = {
        "endpoint": endpoint,
        "may_edit": may_edit,
        "can_start": can_evaluate(request.user),
        "preset": preset_of(endpoint.preset),
    }
    return render(request, "endpoints/page.html", context)


@role_required("evaluator")
@require_safe
def choose_preset(request: HttpRequest) -> HttpResponse:
    return render(request, "endpoints/presets.html", {"presets": preset_lines()})


@role_required("evaluator")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, preset: str) -> HttpResponse:
    """A new endpoint: address, model, name of the key; all else comes from the preset and can be edited after."""
    form = AddEndpointForm(request.POST or None, preset_name=preset, user=request.user)
    if form.is_valid():
        return redirect("endpoints:page", name=form.save_for(request.user).name)
    return render(
        request, "endpoints/add.html", {"form": form, "preset": form.preset, "note": note_of(form.preset)}
    )


@role_required("evaluator")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, name: str) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects.editable_by(request.user), name=name)
    form = EditEndpointForm(request.POST or None, instance=endpoint, user=request.user)
    if form.is_valid():
        return redirect("endpoints:page", name=form.save_changes().name)
    return render(request, "endpoints/edit.html", {"form": form, "endpoint": endpoint})
