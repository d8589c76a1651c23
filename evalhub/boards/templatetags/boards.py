"""`{% load boards %}`: differences and p-values as people read them."""

import math
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from evalhub.stats.gates import Verdict
from evalhub.stats.pairs import PairedDifference

register = template.Library()

TESTS: dict[str, Promise] = {
    "mcnemar_exact": _("exact McNemar"),
    "score": _("score test"),
    "clustered_score": _("score test, clustered"),
    "student_t": _("paired t"),
    "clustered_t": _("cluster-robust t"),
}
VERDICTS: dict[str, tuple[Promise, str]] = {
    Verdict.PASS: (_("pass"), "good"),
    Verdict.FAIL: (_("fail"), "bad"),
    Verdict.INCONCLUSIVE: (_("inconclusive"), "warn"),
}


@register.filter
def signed(share: float | None, digits: int = 1) -> str:
    """A difference of shares as signed per-cent points: +1.2, −0.5, 0.0; None is "n/a"."""
    if share is None:
        return pgettext("no data", "n/a")
    text = f"{abs(share) * 100:.{digits}f}"
    if not float(text):
        return text
    return f"+{text}" if share > 0 else f"−{text}"


@register.filter
def at(values: Sequence[Any], place: int) -> Any:
    """The value at this place: for columns beside a row that is being written."""
    return values[place]


@register.filter
def p_value(p: float | None) -> str:
    """A p-value with three decimals; below that only its bound."""
    if p is None:
        return pgettext("no data", "n/a")
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


@register.filter
def deviation(variance: float | None) -> str:
    """A variance of scores as its standard deviation in per-cent points; None is "n/a"."""
    return pgettext("no data", "n/a") if variance is None else f"{math.sqrt(variance) * 100:.1f}"


@register.filter
def test_label(test: str) -> str:
    """The name of a paired test in words."""
    return str(TESTS.get(test, test))


@register.inclusion_tag("boards/part/verdict.html")
def verdict(name: str) -> dict[str, Any]:
    """A gate's verdict as a word with its tone."""
    words, tone = VERDICTS[Verdict(name)]
    return {"words": words, "tone": tone}


@register.inclusion_tag("boards/part/difference.html")
def difference(found: PairedDifference | None) -> dict[str, Any]:
    """A paired difference with interval, n and method, in per-cent points."""
    if found is None:
        return {"value": None}
    interval = found.interval
    return {
        "value": signed(found.diff),
        "low": signed(interval.low),
        "high": signed(interval.high),
        "n": found.n,
        "method": interval.method,
    }
