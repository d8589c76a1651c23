"""Filters of the lists, and the form that starts a run."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from evalhub.endpoints.models import Endpoint
from evalhub.runs.models import Run, RunStatus
from evalhub.runs.models.answer import Outcome
from evalhub.suites.models import Suite, SuiteVersion
from evalhub.words import lazy_choices
from workers.executors.registry import EXECUTORS

ANY = ("", _("any"))


class RunFilterForm(forms.Form):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ANY, *RunStatus.choices])
    endpoint = forms.CharField(label=_("Endpoint"), required=False, max_length=80)
    suite = forms.CharField(label=_("Suite"), required=False, max_length=80)
    mine = forms.BooleanField(label=_("only mine"), required=False)

    def rows(self, user: Any) -> Any:
        """The runs this person may see that pass the filters; a filter that is not valid filters nothing."""
        rows = Run.objects.visible_to(user)
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("status"):
            rows = rows.filter(status=given["status"])
        if given.get("endpoint"):
            rows = rows.filter(endpoint__name__icontains=given["endpoint"])
        if given.get("suite"):
            rows = rows.filter(suite_version__suite__slug__icontains=given["suite"])
        if given.get("mine") and user.is_authenticated:
            rows = rows.filter(owner=user)
        return rows


class AnswerFilterForm(forms.Form):
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[ANY, *Outcome.choices])
    track = forms.CharField(label=_("Track"), required=False, max_length=4)
    topic = forms.CharField(label=_("Topic"), required=False, max_length=8)
    language = forms.ChoiceField(
        label=_("Language of the item"), required=False, choices=[ANY, ("zh-Hans", "中文"), ("en", "English")]
    )
    flag = forms.ChoiceField(
        label=_("Degenerate output"), required=False, choices=[ANY, ("any", _("flagged"))]
    )
    text = forms.CharField(label=_("Key or question begins with"), required=False, max_length=64)


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]  # subscriptable in the stubs only
    def label_from_instance(self, obj: Any) -> str:
        return _("%(suite)s v%(number)d · %(count)d items") % {
            "suite": obj.suite.title,
            "number": obj.number,
            "count": obj.item_count,
        }


class StartRunForm(forms.Form):
    """What `start_run` takes. An empty field leaves the choice to the executor's defaults."""

    endpoint = forms.ModelChoiceField(Endpoint.objects.none(), label=_("Endpoint"))
    suite_version = VersionField(SuiteVersion.objects.none(), label=_("Suite"))
    repeats = forms.IntegerField(
        label=_("Repeats"), min_value=1, max_value=100, initial=1,
        help_text=_("How often each item is asked. More repeats separate luck in generating from knowledge."),
    )  # fmt: skip
    budget = forms.DecimalField(
        label=_("Budget"), min_value=0, max_digits=12, decimal_places=4, required=False,
        help_text=_("In the endpoint's currency. The run stops before it is exceeded; empty means no limit."),
    )  # fmt: skip
    method = forms.ChoiceField(
        label=_("Way of asking"), required=False,
        choices=[("", _("as suits the endpoint")), *lazy_choices(EXECUTORS.choices())],
        help_text=_("Letter probabilities compare the choices' letters; they suit base models and choice questions only."),
    )  # fmt: skip
    temperature = forms.FloatField(
        label=_("Temperature"), min_value=0, max_value=2, required=False, initial=0.0
    )
    max_tokens = forms.IntegerField(
        label=_("Most tokens in an answer"), min_value=1, max_value=1_000_000, required=False, initial=1024
    )
    seed = forms.IntegerField(
        label=_("Seed"), required=False, min_value=0, max_value=2**31 - 1,
        help_text=_("Every request's seed is derived from it, the item and the repeat; empty sends none."),
    )  # fmt: skip
    system_prompt = forms.CharField(
        label=_("System prompt"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"), coerce=int, initial=1,
        choices=[(0, _("first")), (1, _("normal")), (2, _("when idle"))],
    )  # fmt: skip
    is_public = forms.BooleanField(
        label=_("Public: anybody may read this run and its answers"), required=False, initial=False
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].queryset = Endpoint.objects.usable_by(user)  # type: ignore[attr-defined]
        self.fields["suite_version"].queryset = (  # type: ignore[attr-defined]
            SuiteVersion.objects.filter(suite__in=_suites(user), item_count__gt=0)
            .select_related("suite")
            .order_by("suite__slug", "-number")
        )

    def clean_budget(self) -> float | None:
        budget = self.cleaned_data["budget"]
        return None if budget is None else float(budget)

    def run_settings(self) -> dict[str, Any]:
        """The fields that belong to workers.executors.RunSettings; one left empty keeps the executor's default."""
        names = ("method", "temperature", "max_tokens", "seed", "system_prompt")
        given = {name: self.cleaned_data[name] for name in names}
        return {name: value for name, value in given.items() if value is not None and value != ""}

    def add_service_error(self, message: str, field: str | None) -> None:
        """Put a service's refusal on its field, or over the form where the field is not one of ours."""
        self.add_error(field if field in self.fields else None, ValidationError(message))


class ResumeForm(forms.Form):
    budget = forms.DecimalField(
        label=_("New budget"), min_value=0, max_digits=12, decimal_places=4, required=False,
        help_text=_("Empty keeps the old one."),
    )  # fmt: skip


def _suites(user: Any) -> Any:
    return Suite.objects.visible_to(user).values("pk")
