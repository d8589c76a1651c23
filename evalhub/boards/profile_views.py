"""An endpoint's profile page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evalhub.boards.profile import profile
from evalhub.endpoints.models import Endpoint


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """By the endpoint's newest finished run, or by `?run=ID`."""
    endpoint = get_object_or_404(Endpoint.objects.visible_to(request.user), name=name)
    asked = request.GET.get("run", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    found = profile(endpoint, request.user, int(asked) if asked else None)
    if asked and found is None:
        raise Http404
    return render(request, "boards/profile.html", {"endpoint": endpoint, "profile": found})
