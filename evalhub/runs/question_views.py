"""A fragment that pages below this room ask for by its address: what endpoints did with a question."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evalhub.runs.queries.question import endpoints_on_question


@require_safe
def question(request: HttpRequest, question_id: int) -> HttpResponse:
    rows = endpoints_on_question(request.user, question_id)
    return render(request, "runs/part/question.html", {"rows": rows, "question_id": question_id})
