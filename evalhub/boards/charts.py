"""A board's charts as data for web/chart.js, which adds colours from the page's own theme. PURE."""

from typing import Any

from django.utils.translation import gettext as _

from evalhub.boards.queries import BoardTable, Line

NANO = 1e9


def charts(table: BoardTable) -> dict[str, Any]:
    """The forest plot, and score against cost; shares in per cent. Endpoints without a score are left out."""
    scored = [line for line in table.lines if line.score]
    return {"forest": _forest(scored, table.chance), "cost": _cost(scored)}


def _points(lines: list[Line]) -> dict[str, Any]:
    values = [line.score.value * 100 for line in lines if line.score]
    lows = [
        100 * (line.score.value if line.score.low is None else line.score.low) for line in lines if line.score
    ]
    highs = [
        100 * (line.score.value if line.score.high is None else line.score.high)
        for line in lines
        if line.score
    ]
    return {
        "values": [round(value, 3) for value in values],
        "above": [round(high - value, 3) for high, value in zip(highs, values, strict=True)],
        "below": [round(value - low, 3) for low, value in zip(lows, values, strict=True)],
    }


def _forest(lines: list[Line], chance: float | None) -> dict[str, Any]:
    return {
        "kind": "forest",
        "names": [line.endpoint for line in lines],
        **_points(lines),
        "chance": None if not chance else round(chance * 100, 3),
        "chance_label": _("chance"),
        "axis": _("score, %"),
    }


def _cost(lines: list[Line]) -> dict[str, Any]:
    """Cost per 1 000 answers against score; one currency only, since money of two kinds has no common axis."""
    currencies = {line.currency for line in lines if line.cost_nano}
    is_free = not currencies
    lines = lines if is_free or len(currencies) == 1 else []
    return {
        "kind": "cost",
        "names": [line.endpoint for line in lines],
        **_points(lines),
        "costs": [round(line.cost_nano / NANO / line.score.n * 1000, 9) for line in lines if line.score],
        "tokens": [round(line.tokens / line.score.n, 1) for line in lines if line.score],
        "use": "tokens" if is_free else "costs",
        "axis": _("score, %"),
        "across": _("tokens per answer")
        if is_free
        else _("cost per 1,000 answers, %s") % currencies.pop()
        if lines
        else "",
    }
