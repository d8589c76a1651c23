"""Today: what is due, what is new, one button to start; and the plan behind it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from questions.languages import chosen_language
from questions.practice import queries, services, today
from questions.practice.views.sittings import tracks


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The person's day; without an account, the tracks there are."""
    if not request.user.is_authenticated:
        return tracks(request)
    sessions = queries.recent_sessions(request.user)
    context = {"today": today.today_of(request.user), "sessions": sessions, "tab": "today"}
    return render(request, "practice/today.html", context)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """One button: what is due, then what is new."""
    language = chosen_language(request.POST.get("language"))
    session = services.start_today(user=request.user, language=language)  # type: ignore[arg-type]
    attempt = services.open_attempt(session=session)
    return redirect("practice:attempt", pk=attempt.pk) if attempt else redirect("practice:index")
