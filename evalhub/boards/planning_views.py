"""The planner: what a run has to be to show the difference one cares about."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from evalhub.boards.finished import MOST
from evalhub.boards.planning import Plan, Wish, plan
from evalhub.errors import EvalHubError
from evalhub.runs.models import Run


class RunField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.pk} · {obj.endpoint.name} · {obj.suite_version}"


class PlanForm(forms.Form):
    """What past variance is read from, and the difference that matters."""

    run = RunField(
        Run.objects.none(), label=_("Past run"),
        help_text=_("Its scores say how much items and repeats vary; its endpoint sets the price."),
    )  # fmt: skip
    rival = RunField(
        Run.objects.none(), label=_("Past run of another endpoint"), required=False,
        help_text=_("On the same suite version: then the variance of differences is measured, not assumed."),
    )  # fmt: skip
    difference = forms.FloatField(
        label=_("Difference that matters, points"), min_value=0.1, max_value=100, initial=2,
        help_text=_("The smallest true difference between two endpoints that the run should show."),
    )  # fmt: skip
    power = forms.TypedChoiceField(
        label=_("Power"), coerce=float, choices=[("0.8", "80 %"), ("0.9", "90 %"), ("0.95", "95 %")],
        help_text=_("How often a run of this size would show it."),
    )  # fmt: skip
    correlation = forms.FloatField(
        label=_("Correlation, if assumed"), min_value=0, max_value=0.95, initial=0.5, required=False,
        help_text=_("Of the two endpoints' scores over items; used only without a second past run."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Run.objects.visible_to(user).finished().with_names()
        newest = list(rows.order_by("-pk")[:MOST])
        for name in ("run", "rival"):
            field: Any = self.fields[name]
            field.queryset = rows
            field.choices = [("", "–"), *((run.pk, field.label_from_instance(run)) for run in newest)]

    def clean_correlation(self) -> float:
        given: float | None = self.cleaned_data["correlation"]
        return 0.5 if given is None else given

    def asks_for_the_unseen(self) -> bool:
        """Whether a run is named that this person may not see, or that is none."""
        errors = self.errors.as_data()
        return any(
            error.code == "invalid_choice" for name in ("run", "rival") for error in errors.get(name, [])
        )

    def plan(self) -> Plan:
        data = self.cleaned_data
        wish = Wish(data["difference"] / 100.0, data["power"], correlation=data["correlation"])
        return plan(data["run"], wish, data["rival"])


@require_safe
def planner(request: HttpRequest) -> HttpResponse:
    """`?run=ID&difference=2&power=0.8` and, where there is one, `&rival=ID`."""
    form = PlanForm(
        request.GET if "difference" in request.GET else None, user=request.user, initial=request.GET.dict()
    )
    found = None
    if form.is_valid():
        try:
            found = form.plan()
        except EvalHubError as error:
            field = getattr(error, "field", None)
            form.add_error(field if field in form.fields else None, str(error))
    elif form.asks_for_the_unseen():
        raise Http404
    return render(request, "boards/plan.html", {"form": form, "plan": found})
