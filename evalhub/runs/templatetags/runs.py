"""`{% load runs %}`: an outcome as a word with its tone."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from evalhub.runs.benchmarks import scores_of
from evalhub.runs.models import Run
from evalhub.runs.models.answer import Outcome
from evalhub.runs.queries import with_scores
from evalhub.runs.queries.results import tone

register = template.Library()


@register.simple_tag
def outcome(name: str) -> SafeString:
    """An answer's outcome in the reader's language; a name that is not known is shown as it is."""
    label = Outcome(name).label if name in Outcome.values else name
    return format_html('<span class="tag {}">{}</span>', tone(name), label)


@register.inclusion_tag("runs/part/recent.html", takes_context=True)
def recent_runs(context: template.Context, **filters: Any) -> dict[str, Any]:
    """The ten newest runs of an endpoint or a suite that the reader may see, with their scores. Two queries."""
    rows = Run.objects.visible_to(context["request"].user).with_names().filter(**filters)
    return {"lines": with_scores(rows[:10])}


@register.inclusion_tag("runs/part/benchmarks.html")
def benchmark_scores(run: Run) -> dict[str, Any]:
    """What lm-eval's benchmarks scored in a finished run, each filter on its own line. One query."""
    return {"scores": list(scores_of(run)), "problem": run.manifest.get("benchmarks", {}).get("error", "")}
