"""Searching lm-eval's benchmarks, and adding one to a suite."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from evalhub.suites.benchmarks import MOST_SHOTS
from evalhub.suites.models import Suite
from workers.benchmarks.definitions import OUTPUT_TYPES

ANY = ("", _("any"))
KINDS = (
    ("task", _("one task")),
    ("group", _("group")),
    ("tag", _("tag")),
    ("python", _("written in Python")),
)


class SearchForm(forms.Form):
    text = forms.CharField(label=_("Name or data set"), required=False, max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *KINDS])
    output_type = forms.ChoiceField(
        label=_("How it asks"), required=False, choices=[ANY, *((name, name) for name in OUTPUT_TYPES)]
    )

    def given(self) -> dict[str, str]:
        """The filters that are valid; one that is not filters nothing."""
        self.is_valid()
        return {name: str(self.cleaned_data.get(name, "")) for name in self.fields}


class AddForm(forms.Form):
    suite = forms.ModelChoiceField(label=_("Suite"), queryset=Suite.objects.none())
    num_fewshot = forms.IntegerField(
        label=_("Worked examples before each question"),
        required=False,
        min_value=0,
        max_value=MOST_SHOTS,
        help_text=_("Empty: as the benchmark has it."),
    )
    limit = forms.IntegerField(
        label=_("At most this many documents of each task"),
        required=False,
        min_value=1,
        help_text=_("Empty: all."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["suite"].queryset = Suite.objects.editable_by(user)  # type: ignore[attr-defined]

    def entry(self, name: str) -> dict[str, Any]:
        """The recipe's entry for this benchmark."""
        options = {key: self.cleaned_data[key] for key in ("num_fewshot", "limit")}
        return {"source": "lm_eval", "benchmark": name} | {k: v for k, v in options.items() if v is not None}
