"""Mock interviews: the list, one interview turn by turn, its report."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from questions.bank.models import Question
from questions.languages import chosen_language, content_language
from questions.practice import interviews, reports
from questions.practice.models import Attempt
from questions.practice.views.notebook import notebook_context


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = {"threads": reports.threads(request.user, content_language()), "tab": "interview"}
    return render(request, "practice/interviews.html", context)


@login_required
@require_safe
def interview(request: HttpRequest, slug: str) -> HttpResponse:
    """The open interview on any device; before it is begun, what to expect."""
    question = _question(request, slug)
    attempt = interviews.open_interview(request.user, question.pk)  # type: ignore[arg-type]
    if attempt is None:
        past = Attempt.objects.visible_to(request.user).graded().filter(question_version__question=question)
        turns = reports.longest_path(question.current.body["nodes"])  # type: ignore[union-attr]
        context = {"question": question, "past": past[:10], "turns": turns, "tab": "interview"}
        context["scene"] = reports.scene(question.current, content_language())  # type: ignore[arg-type]
        return render(request, "practice/interview_intro.html", context)
    said = reports.talk(attempt)
    context = {
        "question": question,
        "attempt": attempt,
        "said": said[:-1],
        "now": said[-1],
        "tab": "interview",
    }
    context["scene"] = reports.scene(attempt.question_version, attempt.language)
    return render(request, "practice/interview.html", context)


@login_required
@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    question = _question(request, slug)
    language = chosen_language(request.POST.get("language"))
    interviews.start_interview(user=request.user, version=question.current, language=language)  # type: ignore[arg-type]
    return redirect("practice:interview", slug=slug)


@login_required
@require_POST
def answer(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    found = _attempt(request, pk)
    after = interviews.answer_turn(
        attempt=found, position=position, response=request.POST.get("response", "").strip()
    )
    if after.submitted_at:
        return redirect("practice:report", pk=pk)
    return redirect("practice:interview", slug=found.question_version.question.slug)


@login_required
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    interviews.save_turn_draft(attempt=_attempt(request, pk), response=request.POST.get("response", ""))
    return HttpResponse(status=204)


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    interviews.end_interview(attempt=_attempt(request, pk))
    return redirect("practice:report", pk=pk)


@login_required
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    found = _attempt(request, pk)
    question = found.question_version.question
    if found.submitted_at is None:
        return redirect("practice:interview", slug=question.slug)
    context = {"report": reports.report(found), "question": question, "tab": "interview"}
    return render(request, "practice/report.html", {**context, **notebook_context(request.user, question.pk)})


def _question(request: HttpRequest, slug: str) -> Question:
    visible = Question.objects.visible_to(request.user).for_practice().filter(current__kind="interview")
    found: Question = get_object_or_404(visible.select_related("current__topic"), slug=slug)
    return found


def _attempt(request: HttpRequest, pk: int) -> Attempt:
    mine = Attempt.objects.visible_to(request.user).filter(question_version__kind="interview")
    found: Attempt = get_object_or_404(mine.select_related("question_version__question"), pk=pk)
    return found
