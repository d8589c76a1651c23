"""The notebook: mistakes, bookmarks, notes."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from questions.bank.models import Question, Topic
from questions.languages import content_language
from questions.practice import notebook
from questions.practice.models import Card


@login_required
@require_safe
def mistakes(request: HttpRequest) -> HttpResponse:
    wanted, track = request.GET.get("show", ""), request.GET.get("track", "")
    show = wanted if wanted in notebook.SHOWS else notebook.SHOWS[0]
    context = {
        "entries": notebook.entries(request.user, show, content_language(), track),
        "tracks": {topic.track: topic.track_name for topic in Topic.objects.all()},
        "show": show,
        "track": track,
        "tab": "mistakes",
    }
    return render(request, "practice/mistakes.html", context)


@login_required
@require_POST
def bookmark(request: HttpRequest, slug: str) -> HttpResponse:
    notebook.set_bookmark(user=request.user, question=_question(request, slug), on="on" in request.POST)  # type: ignore[arg-type]
    return _back(request)


@login_required
@require_POST
def note(request: HttpRequest, slug: str) -> HttpResponse:
    question, text = _question(request, slug), request.POST.get("note", "")
    notebook.save_note(user=request.user, question=question, text=text)  # type: ignore[arg-type]
    return HttpResponse(status=204) if request.htmx else _back(request)  # type: ignore[attr-defined]


def notebook_context(user: Any, question_id: int) -> dict[str, Any]:
    """What part/notebook.html needs: the person's mark and card of a question (2 queries)."""
    card = Card.objects.visible_to(user).filter(question=question_id).first()
    return {"mark": notebook.mark_of(user, question_id), "card": card}


def _question(request: HttpRequest, slug: str) -> Question:
    found: Question = get_object_or_404(Question.objects.visible_to(request.user).for_practice(), slug=slug)
    return found


def _back(request: HttpRequest) -> HttpResponse:
    """To the page the form stood on, never to another host."""
    wanted = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return redirect(wanted)
    return redirect("practice:mistakes")
