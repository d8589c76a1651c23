"""A one-time password opens one page: the one where it is replaced."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

ALLOWED = ("account_change_password", "account_logout", "set_language")


class OneTimePasswordMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not request.user.has_one_time_password:
            return self.get_response(request)
        if request.path in {reverse(name) for name in ALLOWED} or request.path.startswith("/static/"):
            return self.get_response(request)
        return redirect("account_change_password")
