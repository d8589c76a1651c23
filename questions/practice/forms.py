"""Forms of practice: a posted answer as one canonical string (questions/kinds/base.py), and the plan."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from questions.bank.models import Topic
from questions.kinds.base import Presented
from questions.practice.models import Plan


def response_from(presented: Presented, data: QueryDict) -> str:
    """What was chosen or typed, in the kind's canonical form; "" for nothing."""
    if presented.kind == "multiple_choice":
        return ",".join(sorted(letter for letter in data.getlist("response") if letter in presented.letters))
    if presented.kind == "ordering":
        return ",".join(
            data.get(f"place{place}", "") for place in range(1, len(presented.choices) + 1)
        ).strip(",")
    return data.get("response", "").strip()


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # subscriptable in the stubs only
    track = forms.ChoiceField(label=_("New questions from"), required=False)
    new_a_day = forms.IntegerField(
        label=_("New questions a day"),
        min_value=0,
        max_value=100,
        help_text=_("What is due comes first; these come after it."),
    )
    starts_on = forms.DateField(
        label=_("Start date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    hours_a_week = forms.FloatField(
        label=_("Hours a week"), min_value=1, max_value=80, widget=forms.NumberInput(attrs={"step": "0.5"})
    )

    class Meta:
        model = Plan
        fields = ["track", "new_a_day", "starts_on", "hours_a_week"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tracks = {topic.track: topic.track_name for topic in Topic.objects.all()}
        self.fields["track"].choices = [("", _("all tracks")), *tracks.items()]  # type: ignore[attr-defined]
