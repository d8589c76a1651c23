"""Sittings: choose a track, answer, read the grade and the worked solution, go on."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from questions.bank.models import Question
from questions.bank.queries import reading
from questions.languages import chosen_language
from questions.practice import queries, services
from questions.practice.forms import response_from
from questions.practice.models import Attempt, Session
from questions.practice.views.notebook import notebook_context


@require_safe
def tracks(request: HttpRequest) -> HttpResponse:
    sessions = queries.recent_sessions(request.user) if request.user.is_authenticated else []
    context = {"standing": queries.standing(request.user), "sessions": sessions, "tab": "tracks"}
    return render(request, "practice/tracks.html", context)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    session = services.start_session(
        user=request.user,  # type: ignore[arg-type]  # login_required stands before
        language=chosen_language(request.POST.get("language")),
        track=request.POST.get("track", ""),
        topic=request.POST.get("topic", ""),
    )
    attempt = services.open_attempt(session=session)
    return redirect("practice:attempt", pk=attempt.pk) if attempt else redirect("practice:tracks")


@login_required
@require_safe
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """The sitting so far: each answer with its grade, and a way to go on."""
    found = get_object_or_404(Session.objects.visible_to(request.user), pk=pk)
    answered = found.attempts.filter(submitted_at__isnull=False).select_related(
        "question_version__question", "question_version__topic"
    )
    attempts = list(answered.order_by("pk"))
    readings = [reading(row.question_version, row.language, row.seed) for row in attempts]
    solved = sum(row.score == 1.0 for row in attempts)
    context = {"session": found, "rows": list(zip(attempts, readings, strict=True)), "solved": solved}
    return render(request, "practice/session.html", context)


@login_required
@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The sitting's next question; its summary once the selection is through."""
    found = get_object_or_404(Session.objects.visible_to(request.user), pk=pk)
    attempt = services.open_attempt(session=found)
    return (
        redirect("practice:attempt", pk=attempt.pk) if attempt else redirect("practice:session", pk=found.pk)
    )


@login_required
@require_POST
def try_question(request: HttpRequest, slug: str) -> HttpResponse:
    visible = Question.objects.visible_to(request.user).for_practice()
    question = get_object_or_404(visible.select_related("current"), slug=slug)
    if question.current.kind == "interview":
        return redirect("practice:interview", slug=slug)
    language = chosen_language(request.POST.get("language"))
    attempt = services.start_attempt(user=request.user, version=question.current, language=language)  # type: ignore[arg-type]
    return redirect("practice:attempt", pk=attempt.pk)


@login_required
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """The question to answer; once submitted, its grade, rationales and solution."""
    mine = Attempt.objects.visible_to(request.user)
    found = get_object_or_404(
        mine.select_related("question_version__question", "question_version__topic", "session"), pk=pk
    )
    if found.question_version.kind == "interview":
        return redirect("practice:report", pk=found.pk)
    read = reading(found.question_version, found.language, found.seed)
    if request.method == "POST":
        services.submit_attempt(attempt=found, response=response_from(read.presented, request.POST))
        return redirect("practice:attempt", pk=found.pk)
    context = {"attempt": found, "reading": read, "number": _number(found)}
    if found.submitted_at is None:
        return render(request, "practice/attempt.html", context)
    context["people"] = queries.people_statistics(found.question_version)
    context |= notebook_context(request.user, found.question_version.question_id)
    return render(request, "practice/result.html", context)


@login_required
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps what is typed, a moment after it is typed."""
    mine = Attempt.objects.visible_to(request.user)
    found = get_object_or_404(mine.select_related("question_version"), pk=pk)
    read = reading(found.question_version, found.language, found.seed)
    services.save_draft(attempt=found, response=response_from(read.presented, request.POST))
    return HttpResponse(status=204)


def _number(attempt: Attempt) -> int | None:
    """Which question of its sitting this is, from 1."""
    if attempt.session is None:
        return None
    return attempt.session.attempts.filter(pk__lte=attempt.pk).count()
