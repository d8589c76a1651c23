"""Before a run: how many items and repeats a difference takes, from what past runs say of the noise; its cost and time."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from django.db.models import Avg
from django.utils.translation import gettext as _

from evalhub.endpoints.models import Endpoint
from evalhub.errors import Invalid, NotReady
from evalhub.runs.models import Answer, Run
from evalhub.runs.pricing import to_nano
from evalhub.stats.paired_planning import items_for_variance, smallest_for_variance, spread
from evalhub.stats.planning import Price, forecast
from evalhub.stats.repeats import VarianceSplit, split
from evalhub.suites.models import Item

REPEATS = (1, 2, 3, 5, 10)
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the run should be able to show. `difference` in score units (0.02 = 2 points).

    `correlation`: of the two endpoints' scores over items; used only where no rival run measures it.
    """

    difference: float
    power: float = 0.8
    level: float = 0.95
    correlation: float = 0.5


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer of the past run took: mean tokens and seconds, None where none were recorded."""

    tokens_in: float | None
    tokens_out: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One shape of run. `answers`, `cost_nano` and `seconds` are for one endpoint; None where nothing is known.

    `smallest`: the smallest difference the suite version's own items would show with so many repeats.
    """

    repeats: int
    items: int
    answers: int
    is_within_suite: bool
    smallest: float
    cost_nano: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`score`: the run's own variance; `paired`: that of a difference, measured against `rival` or assumed.

    `design_effect`: how many clustered items are worth one independent item.
    """

    run: Run
    rival: Run | None
    wish: Wish
    score: VarianceSplit
    paired: VarianceSplit
    design_effect: float
    usage: Usage
    rows: tuple[PlanRow, ...]

    @property
    def cheapest(self) -> PlanRow | None:
        """The shape with the fewest answers that the suite's items allow."""
        fitting = [row for row in self.rows if row.is_within_suite]
        return min(fitting, key=lambda row: row.answers, default=None)


@dataclass(frozen=True, slots=True)
class ScoreCube:
    """`scores`: items x repeats, NaN where there is none; `clusters`: one label an item."""

    clusters: tuple[str, ...]
    scores: FloatArray


def plan(run: Run, wish: Wish, rival: Run | None = None) -> Plan:
    """The shapes of run that show the wished difference. Three queries, five with a rival.

    Without repeats in the past nothing is known of what repeats would save: then the only row has one.
    """
    _require_comparable(run, rival)
    own = score_cube(run)
    score = _split(own.scores)
    if rival is None:
        paired, gaps = _assumed(score, wish.correlation), _means(own.scores)
    else:
        other = score_cube(rival)
        repeats = min(own.scores.shape[1], other.scores.shape[1])
        differences = own.scores[:, :repeats] - other.scores[:, :repeats]
        paired, gaps = _split(differences), _means(differences)
    effect = _design_effect(gaps, own.clusters)
    usage = usage_of(run)
    shapes = REPEATS if paired.repeats is not None else REPEATS[:1]
    rows = tuple(_row(run, wish, paired, effect, usage, repeats) for repeats in shapes)
    return Plan(run, rival, wish, score, paired, effect, usage, rows)


def score_cube(run: Run) -> ScoreCube:
    """The run's scores by item and repeat. Two queries."""
    items = (
        Item.objects.filter(version=run.suite_version_id).order_by("position").values_list("pk", "cluster")
    )
    place_of = {pk: place for place, (pk, _cluster) in enumerate(items)}
    scores = np.full((len(place_of), run.repeats), np.nan)
    answers = Answer.objects.filter(run=run, score__isnull=False, repeat__lt=run.repeats).order_by()
    for item_id, repeat, score in answers.values_list("item_id", "repeat", "score").iterator(
        chunk_size=10_000
    ):
        scores[place_of[item_id], repeat] = score
    return ScoreCube(tuple(cluster for _pk, cluster in items), scores)


def usage_of(run: Run) -> Usage:
    """What one answer took, over answers that were really asked for (not from the cache). One query."""
    found = Answer.objects.filter(run=run, is_cached=False).aggregate(
        tokens_in=Avg("tokens_in"), tokens_out=Avg("tokens_out"), seconds=Avg("latency_s")
    )
    return Usage(**found)


def cost_nano(answers: int, usage: Usage, endpoint: Endpoint) -> int | None:
    """Nano units of the endpoint's currency at today's prices; None where no tokens were recorded."""
    if usage.tokens_in is None or usage.tokens_out is None:
        return None
    price = Price(usage.tokens_in, usage.tokens_out, endpoint.input_price, endpoint.output_price, 0.0)
    return to_nano(forecast(answers, price).cost)


def duration(answers: int, usage: Usage, endpoint: Endpoint) -> float | None:
    """Seconds of wall clock with every slot in use, and no faster than the endpoint's limits per minute."""
    if usage.seconds is None:
        return None
    price = Price(usage.tokens_in or 0.0, usage.tokens_out or 0.0, 0.0, 0.0, usage.seconds)
    expected = forecast(answers, price, endpoint.max_in_flight)
    slowest = expected.seconds
    if endpoint.requests_per_minute:
        slowest = max(slowest, 60.0 * answers / endpoint.requests_per_minute)
    if endpoint.tokens_per_minute:
        slowest = max(slowest, 60.0 * expected.tokens / endpoint.tokens_per_minute)
    return slowest


def _row(run: Run, wish: Wish, paired: VarianceSplit, effect: float, usage: Usage, repeats: int) -> PlanRow:
    variance = paired.standard_error(1, repeats) ** 2 * effect
    items = max(2, items_for_variance(wish.difference, variance, wish.power, wish.level))
    available = run.suite_version.item_count
    answers = items * repeats
    return PlanRow(
        repeats=repeats,
        items=items,
        answers=answers,
        is_within_suite=items <= available,
        smallest=smallest_for_variance(max(available, 1), variance, wish.power, wish.level),
        cost_nano=cost_nano(answers, usage, run.endpoint),
        seconds=duration(answers, usage, run.endpoint),
    )


def _assumed(score: VarianceSplit, correlation: float) -> VarianceSplit:
    """The variance of a difference of two endpoints like this one: Var(A) + Var(B) - 2 r SD(A) SD(B); repeats share nothing."""
    repeats = None if score.repeats is None else 2.0 * score.repeats
    return replace(score, items=2.0 * score.items * (1.0 - correlation), repeats=repeats)


def _split(scores: FloatArray) -> VarianceSplit:
    answered = int((~np.isnan(scores).all(axis=1)).sum())
    if answered < 2:
        raise NotReady(
            _("%(n)d items have a score; the noise between items takes at least 2. Choose another run.")
            % {"n": answered}
        )
    found = split(scores)
    assert found is not None  # two items or more
    return found


def _design_effect(gaps: FloatArray, clusters: tuple[str, ...]) -> float:
    found = spread(gaps, clusters)
    if found is None or found.design_effect is None:
        raise NotReady(
            _("All items are one cluster, so nothing is known of how clusters differ. Choose another run.")
        )
    return found.design_effect


def _means(scores: FloatArray) -> FloatArray:
    present = ~np.isnan(scores)
    count = present.sum(axis=1)
    total = np.where(present, scores, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _require_comparable(run: Run, rival: Run | None) -> None:
    if rival is not None and rival.suite_version_id != run.suite_version_id:
        raise Invalid(
            _("Run %(id)d is of another suite version; choose runs that were asked the same items.")
            % {"id": rival.pk},
            field="rival",
        )
    if rival is not None and rival.pk == run.pk:
        raise Invalid(_("A run does not differ from itself; choose another one, or none."), field="rival")
