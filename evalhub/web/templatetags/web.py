"""The component set's tags and filters: `{% load web %}`. evalhub/web/README.md shows each one in use."""

from typing import Any, Protocol

from django import template
from django.forms import BoundField, CheckboxInput
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from evalhub.web import formats, methods
from evalhub.web.finders import PLOTLY, inline_style_ids
from evalhub.web.markdown import render
from evalhub.words import words

register = template.Library()

register.filter("percent", formats.percent)
register.filter("points", formats.points)
register.filter("compact", formats.compact)
register.filter("seconds", formats.seconds)
register.filter("method_label", methods.label)
register.filter("price", formats.price)
register.filter("words", words)


class HasInterval(Protocol):
    """What `score` and `interval_bar` draw: shares 0..1, None where there is no data."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str


@register.filter(is_safe=True)
def markdown(text: str) -> SafeString:
    """The bank's Markdown as safe HTML; LaTeX between dollars becomes MathML."""
    return render(text or "")


@register.simple_tag
def money(nano: int | None, currency: str = "USD") -> str:
    return formats.money(nano, currency)


@register.simple_tag
def rank(low: int | None, high: int | None) -> str:
    return formats.rank(low, high)


@register.filter
def or_na(value: Any) -> Any:
    """The value, or "n/a" where there is none."""
    return formats.not_available() if value is None or value == "" else value


@register.inclusion_tag("web/part/score.html")
def score(estimate: HasInterval | None, quiet: bool = False) -> dict[str, Any]:
    """A share with its interval, n and method; `quiet` leaves n and method to the tooltip and to screen readers."""
    if estimate is None or estimate.value is None:
        return {"value": None}
    return {
        "value": formats.points(estimate.value),
        "span": formats.span(estimate.low, estimate.high) if estimate.low is not None else None,
        "n": estimate.n,
        "method": methods.label(estimate.method),
        "quiet": quiet,
    }


@register.inclusion_tag("web/part/interval_bar.html")
def interval_bar(estimate: HasInterval | None, chance: float | None = None) -> dict[str, Any]:
    """A point with its interval on a 0..100 axis; `chance` is the level of blind guessing."""
    if estimate is None or estimate.value is None:
        return {"value": None}
    return {
        "value": _place(estimate.value),
        "low": _place(estimate.low if estimate.low is not None else estimate.value),
        "high": _place(estimate.high if estimate.high is not None else estimate.value),
        "chance": None if not chance else _place(chance),
    }


@register.inclusion_tag("web/part/share_bar.html")
def share_bar(share: float | None) -> dict[str, Any]:
    """A share 0..1 as a filled bar; beside it stands the number."""
    return {"width": None if share is None else f"{100 * min(max(share, 0.0), 1.0):.2f}%"}


@register.inclusion_tag("web/part/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """One form field with its label, help and errors, joined for screen readers."""
    title = bound.legend_tag(label_suffix="") if bound.use_fieldset else bound.label_tag(label_suffix="")
    return {"field": bound, "title": title, "is_check": isinstance(bound.field.widget, CheckboxInput)}


@register.simple_tag
def tag(word: str, tone: str = "") -> SafeString:
    """A small word with a meaning; tone is good, bad, warn, busy, plain or nothing."""
    return format_html('<span class="tag {}">{}</span>', tone, word)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with some values changed; None takes a value out."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None and value != "":
            values[name] = str(value)
    encoded: str = values.urlencode()
    return f"?{encoded}" if encoded else "?"


def _place(share: float) -> str:
    """A share as an SVG length, with a margin so that a point at either end is whole."""
    return f"{2 + 96 * min(max(share, 0.0), 1.0):.2f}%"


@register.inclusion_tag("web/part/plotly_head.html", takes_context=True)
def plotly_head(context: template.Context) -> dict[str, Any]:
    """What plotly needs in the head under a strict CSP: its own style element, with our nonce, to put its rules into."""
    return {"nonce": context["CSP_NONCE"], "ids": inline_style_ids()}


@register.simple_tag
def plotly_url() -> str:
    """The address of plotly's own script, as its installed package ships it."""
    return static(PLOTLY)
