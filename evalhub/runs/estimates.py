"""A number of a run as pages show it: never without n, interval and method; None where there is no data."""

from collections.abc import Iterable
from dataclasses import dataclass

from evalhub.runs.models import Cell

RATES = ("truncated", "empty", "refused", "invalid", "failed")
"""Metrics that say how an endpoint fails to answer, shown beside accuracy on every board."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share 0..1 with its interval; `method` is a key of evalhub.stats.interval.METHODS."""

    value: float
    low: float | None
    high: float | None
    n: int
    method: str


@dataclass(frozen=True, slots=True)
class CellKey:
    run_id: int
    metric: str
    facet: str = "all"
    value: str = ""


Estimates = dict[CellKey, Estimate]


def estimates(run_ids: Iterable[int], *, metrics: Iterable[str], facet: str = "all") -> Estimates:
    """Every estimate of these runs for these metrics, cut by one facet. One query."""
    return estimates_of(Cell.objects.filter(run_id__in=list(run_ids), metric__in=list(metrics), facet=facet))


def estimates_of(cells: Iterable[Cell]) -> Estimates:
    """Cells that have an estimate: none before the run is finished, since its interval waits for the end."""
    found = {}
    for cell in cells:
        if cell.estimate is not None and cell.n:
            key = CellKey(cell.run_id, cell.metric, cell.facet, cell.value)
            found[key] = Estimate(cell.estimate, cell.low, cell.high, cell.n, cell.method)
    return found
