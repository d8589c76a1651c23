from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evalhub.accounts.access import can_evaluate
from evalhub.web import queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {"home": queries.home(request.user), "can_start": can_evaluate(request.user)}
    return render(request, "web/home.html", context)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Pools and workers; asked for by htmx every few seconds, only the part that changes. Hosts are for evaluators."""
    template = "web/part/queue.html" if request.htmx else "web/queue.html"  # type: ignore[attr-defined]
    context = {"queue": queries.queue(request.user), "can_see_hosts": can_evaluate(request.user)}
    return render(request, template, context)
