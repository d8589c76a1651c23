from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from evalhub.accounts.access import can_evaluate, role_required
from evalhub.suites.models import Suite
from evalhub.suites.queries import suite_lines, version_view
from evalhub.suites.services import compose_version


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "suites/index.html", {"suites": suite_lines(request.user)})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A suite with its versions; `?version=2` previews that one, else the newest."""
    suite = get_object_or_404(Suite.objects.visible_to(request.user), slug=slug)
    versions = list(suite.versions.all())
    wanted = request.GET.get("version", "")
    chosen = next(
        (version for version in versions if str(version.number) == wanted), versions[0] if versions else None
    )
    get = request.GET.get
    context = {
        "suite": suite,
        "versions": versions,
        "view": version_view(chosen, request.user, after=get("after"), before=get("before"))
        if chosen
        else None,
        "boards": suite.boards.visible_to(request.user),
        "can_start": can_evaluate(request.user),
        "can_compose": can_evaluate(request.user)
        and Suite.objects.editable_by(request.user).filter(pk=suite.pk).exists(),
    }
    return render(request, "suites/page.html", context)


@require_POST
@role_required("evaluator")
def compose(request: HttpRequest, slug: str) -> HttpResponse:
    """Compose the suite's recipe anew: a new version where the bank has changed, else the one that is there."""
    suite = get_object_or_404(Suite.objects.editable_by(request.user), slug=slug)
    version = compose_version(suite=suite)
    messages.success(
        request, _("Version %(number)d holds what the recipe selects now.") % {"number": version.number}
    )
    return redirect("suites:page", slug=suite.slug)
