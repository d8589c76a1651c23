"""Who may do what, for views: one decorator over the roles."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def role_required(*roles: str) -> Callable[[View], View]:
    """Log in first; then hold one of the roles (an admin holds all), else 403."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_role(*roles):  # type: ignore[union-attr]  # login_required stands before
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def can_evaluate(user: Any) -> bool:
    """Whether the person may start runs and edit endpoints."""
    return bool(getattr(user, "is_authenticated", False)) and user.has_role("evaluator")
