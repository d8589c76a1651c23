"""What surrounds every view: a person's own language and time zone, and domain errors turned into HTTP."""

import zoneinfo
from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from evalhub.errors import EvalHubError

GetResponse = Callable[[HttpRequest], HttpResponse]


class PersonalMiddleware:
    """Activates a logged-in person's time zone, and their language unless the switch in the header was used."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(_zone(user.time_zone)):
            return self.get_response(request)


class AdminPolicyMiddleware:
    """django-unfold's Alpine.js evaluates expressions and sets inline styles: allowed in the admin, for staff, nowhere else.

    Its scripts still come from this host alone; anonymous visitors never see it, since allauth's page logs staff in.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and match.app_name == "admin" and getattr(request.user, "is_staff", False):
            response._csp_replace = {  # type: ignore[attr-defined]  # read by csp.middleware
                "script-src": [SELF, UNSAFE_EVAL],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response


class DomainErrorMiddleware:
    """An EvalHubError becomes a message where the person came from (a form), or a page with its status.

    A form whose service refuses redirects back with the error as a message; a GET, or a fragment asked for by htmx,
    answers with the error's own status.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, EvalHubError):
            return None
        is_fragment = bool(getattr(request, "htmx", False))
        back = request.headers.get("referer", "")
        if request.method == "POST" and not is_fragment and _is_ours(request, back):
            messages.error(request, str(error))
            return HttpResponseRedirect(back, status=303)
        template = "web/part/problem.html" if is_fragment else "web/problem.html"
        return render(request, template, {"problem": str(error), "status": error.status}, status=error.status)


def _is_ours(request: HttpRequest, address: str) -> bool:
    return bool(address) and url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
