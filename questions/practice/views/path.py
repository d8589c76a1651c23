"""The learning path and the plan of a person."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from questions.practice import path as stages
from questions.practice import today
from questions.practice.forms import PlanForm
from questions.practice.models import Plan


@require_http_methods(["GET", "HEAD", "POST"])
def path(request: HttpRequest) -> HttpResponse:
    """The four stages with dates and progress; a form for the plan. Without an account it can be read."""
    person = request.user
    plan = today.plan_of(person) if person.is_authenticated else Plan()
    here = (
        timezone.localdate(timezone=today.zone_of(person))
        if person.is_authenticated
        else timezone.localdate()
    )
    form = PlanForm(request.POST or None, instance=plan, initial={"starts_on": plan.starts_on or here})
    if request.method == "POST" and person.is_authenticated and form.is_valid():
        form.save()
        messages.success(request, _("Your plan is kept."))
        return redirect("practice:path")
    stored = today.plan_of(person) if person.is_authenticated else Plan()
    rows = stages.progress(person, here, stored.starts_on or here, stored.hours_a_week)
    context = {"rows": rows, "form": form, "plan": stored, "pace": stages.HOURS_A_WEEK, "tab": "path"}
    return render(request, "practice/path.html", context)
