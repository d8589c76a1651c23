from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseStopPolling

from evalhub import keyset
from evalhub.accounts.access import can_evaluate, role_required
from evalhub.errors import EvalHubError
from evalhub.runs import services
from evalhub.runs.forms import AnswerFilterForm, ResumeForm, RunFilterForm, StartRunForm
from evalhub.runs.models import Answer, Run, RunStatus
from evalhub.runs.progress import live_progress
from evalhub.runs.queries import AnswerFilter, answer_view, neighbours, run_page, run_results
from evalhub.runs.queries.access import may_read_items
from evalhub.runs.queries.lines import TONES

_UNSET: tuple[Any, ...] = (None, "", [], {}, False)
Action = Callable[[HttpRequest, Run], HttpResponse | None]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    form = RunFilterForm(request.GET)
    page = run_page(form.rows(request.user), after=request.GET.get("after"), before=request.GET.get("before"))
    context = {
        "form": form,
        "page": page,
        "can_start": can_evaluate(request.user),
        "is_filtered": any(request.GET.values()),
    }
    return render(request, "runs/index.html", context)


@role_required("evaluator")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The form that queues a run; `?endpoint=ID&suite_version=ID` choose beforehand."""
    form = StartRunForm(request.POST or None, user=request.user, initial=request.GET.dict())
    if form.is_valid():
        data = form.cleaned_data
        try:
            run = services.start_run(
                endpoint=data["endpoint"],
                suite_version=data["suite_version"],
                owner=request.user,  # type: ignore[arg-type]  # the decorator let nobody in without an account
                settings=form.run_settings(),
                repeats=data["repeats"],
                budget=data["budget"],
                priority=data["priority"],
                is_public=data["is_public"],
            )
        except EvalHubError as error:
            form.add_service_error(str(error), getattr(error, "field", None))
        else:
            return redirect("runs:page", pk=run.pk)
    return render(request, "runs/start.html", {"form": form})


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A run's page; asked for by htmx, only its live part, with status 286 when there is nothing left to wait for."""
    run = get_object_or_404(Run.objects.visible_to(request.user).with_names(), pk=pk)
    results = run_results(run)
    context = {
        "run": run,
        "results": results,
        "tone": TONES[RunStatus(run.status)],
        "is_changed": request.GET.get("was", run.status) != run.status,
        "tens": 100 * run.settled // max(run.expected, 1) // 10 * 10,
        "tokens": run.tokens_in + run.tokens_out,
        "shown_settings": {name: value for name, value in run.settings.items() if value not in _UNSET},
        "progress": live_progress(run) if run.is_open else None,
        "can_act": can_evaluate(request.user)
        and Run.objects.editable_by(request.user).filter(pk=run.pk).exists(),
        "resume_form": ResumeForm(auto_id="resume_%s"),
    }
    if not request.htmx:  # type: ignore[attr-defined]  # set by HtmxMiddleware
        return render(request, "runs/page.html", context)
    fragment = render(request, "runs/part/live.html", context)
    return fragment if run.is_open else HttpResponseStopPolling(fragment.content)


def _action(act: Action) -> Callable[..., HttpResponse]:
    """A button of the run's page: POST, evaluators only, on runs that are theirs to change; then back to the page."""

    @require_POST
    @role_required("evaluator")
    @wraps(act)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        run = get_object_or_404(Run.objects.editable_by(request.user), pk=pk)
        return act(request, run) or redirect("runs:page", pk=run.pk)

    return view


@_action
def pause(request: HttpRequest, run: Run) -> None:
    services.pause_run(run=run)
    messages.success(request, _("Paused. What is in flight is finished and kept."))


@_action
def resume(request: HttpRequest, run: Run) -> HttpResponse | None:
    form = ResumeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The budget must be an amount of at least 0."))
        return None
    budget = form.cleaned_data["budget"]
    services.resume_run(run=run, budget=None if budget is None else float(budget))
    messages.success(request, _("The run goes on."))
    return None


@_action
def cancel(request: HttpRequest, run: Run) -> None:
    services.cancel_run(run=run)
    messages.success(request, _("Cancelled. The answers so far are kept."))


@_action
def retry(request: HttpRequest, run: Run) -> None:
    count = services.retry_failed(run=run)
    words = ngettext("%(count)d answer is asked again.", "%(count)d answers are asked again.", count)
    messages.success(request, words % {"count": count})


@require_safe
def manifest(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=pk)
    content = run.manifest if can_evaluate(request.user) else _without_address(run.manifest)
    response = JsonResponse(content, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="run-{run.pk}-manifest.json"'
    return response


def _without_address(content: dict[str, Any]) -> dict[str, Any]:
    """A public run is read by everybody; where its endpoint stands is for evaluators."""
    endpoint = {name: value for name, value in content.get("endpoint", {}).items() if name != "base_url"}
    return {**content, "endpoint": endpoint}


@require_safe
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.visible_to(request.user).with_names(), pk=pk)
    form = AnswerFilterForm(request.GET)
    found = keyset.page(
        _filter(form).lines(run), after=request.GET.get("after"), before=request.GET.get("before"), size=50
    )
    return render(
        request, "runs/answers.html", {"run": run, "form": form, "page": found, "filters": _kept(request)}
    )


@require_safe
def answer(request: HttpRequest, pk: int, answer_pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.visible_to(request.user).with_names(), pk=pk)
    rows = Answer.objects.filter(run=run).select_related("item__question_version__question")
    found = get_object_or_404(rows, pk=answer_pk)
    found.run = run
    previous, following = neighbours(_filter(AnswerFilterForm(request.GET)).rows(run), found)
    context: dict[str, Any] = {"run": run, "previous": previous, "next": following, "filters": _kept(request)}
    if not may_read_items(request.user, found.item):
        return render(request, "runs/held_out.html", {**context, "answer": found}, status=403)
    return render(request, "runs/answer.html", {**context, "view": answer_view(found), "answer": found})


def _filter(form: AnswerFilterForm) -> AnswerFilter:
    return AnswerFilter(**form.cleaned_data) if form.is_valid() else AnswerFilter()


def _kept(request: HttpRequest) -> str:
    """The filters as a query string, without the place in the list."""
    kept = request.GET.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    return f"?{kept.urlencode()}" if kept else ""
