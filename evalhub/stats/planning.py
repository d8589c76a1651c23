"""Before a run: how many items a difference takes, what a run of a given size can show, what it costs and how long it lasts.

Source: the usual paired-proportions formula, n = (z_{a/2} + z_b)^2 (D - d^2) / d^2, D the share of items on
which the two differ (Connor, Biometrics 1987). Oracle: statsmodels.stats.power.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy import stats

from evalhub.stats.arguments import BadArgument, require_count, require_level
from evalhub.stats.repeats import VarianceSplit


@dataclass(frozen=True, slots=True)
class Design:
    """A shape of run and the standard error of its mean, in score units; `answers` = items * repeats."""

    items: int
    repeats: int
    judgings: int
    standard_error: float

    @property
    def answers(self) -> int:
        return self.items * self.repeats


@dataclass(frozen=True, slots=True)
class Price:
    """What one answer takes: tokens in and out, price per million of each (any one currency), seconds per answer."""

    tokens_in: float
    tokens_out: float
    per_million_in: float
    per_million_out: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`cost` in the price's currency, `seconds` of wall clock at the given number of requests in flight."""

    answers: int
    tokens: float
    cost: float
    seconds: float


def items_needed(difference: float, discordant: float, power: float = 0.8, level: float = 0.95) -> int:
    """Items to see a true `difference` (0.02 = 2 points) of two endpoints that differ on a `discordant` share of items.

    80 % power at discordant 0.15: 1 point 11 766 items, 2 points 2 936, 3 points 1 301, 5 points 464.
    """
    gap = _require_effect(difference, discordant)
    _require_power(power, level)
    reach = stats.norm.isf((1.0 - level) / 2.0) + stats.norm.ppf(power)
    return int(ceil(reach**2 * (discordant - gap**2) / gap**2))


def power(n: int, difference: float, discordant: float, level: float = 0.95) -> float:
    """The chance that n shared items show a true `difference`, two-sided at `level`."""
    require_level(level)
    require_count(n, "n")
    gap = _require_effect(difference, discordant)
    if discordant == gap**2:
        return 1.0
    centre = gap * np.sqrt(n / (discordant - gap**2))
    cut = stats.norm.isf((1.0 - level) / 2.0)
    return float(stats.norm.sf(cut - centre) + stats.norm.cdf(-cut - centre))


def unpaired_power(n: int, difference: float, mean: float, level: float = 0.95) -> float:
    """The power thrown away: the chance that the unpaired test on n items each shows the same difference around `mean`."""
    require_level(level)
    require_count(n, "n", least=1)
    if not 0.0 < mean < 1.0:
        raise BadArgument(f"mean is {mean!r}; give a share between 0 and 1.")
    centre = abs(difference) / np.sqrt(2.0 * mean * (1.0 - mean) / n)
    cut = stats.norm.isf((1.0 - level) / 2.0)
    return float(stats.norm.sf(cut - centre) + stats.norm.cdf(-cut - centre))


def smallest_difference(n: int, discordant: float, power: float = 0.8, level: float = 0.95) -> float | None:
    """The smallest true difference n shared items show with this power; None where even the largest would not."""
    require_count(n, "n", least=1)
    _require_power(power, level)
    if not 0.0 < discordant <= 1.0:
        raise BadArgument(
            f"discordant is {discordant!r}; give the share of items on which the two differ, above 0 to 1."
        )
    reach = float(stats.norm.isf((1.0 - level) / 2.0) + stats.norm.ppf(power))
    found = float(np.sqrt(reach**2 * discordant / (n + reach**2)))
    return found if found <= discordant else None


def items_for_width(split: VarianceSplit, half_width: float, repeats: int = 1, level: float = 0.95) -> int:
    """Items whose mean has an interval of +- `half_width` (score units), with `repeats` generations each."""
    require_level(level)
    if half_width <= 0.0:
        raise BadArgument(f"half_width is {half_width!r}; give a width above 0, in score units.")
    one = split.standard_error(1, repeats)
    return int(max(2, ceil((stats.norm.isf((1.0 - level) / 2.0) * one / half_width) ** 2)))


def designs(split: VarianceSplit, answers: int, repeats: Iterable[int] = (1, 2, 3, 5, 10)) -> list[Design]:
    """Ways to spend a budget of `answers` generations, best first: more items beat more repeats unless items run out."""
    require_count(answers, "answers", least=1)
    found = [
        Design(answers // times, times, 1, split.standard_error(answers // times, times))
        for times in repeats
        if answers // times >= 1
    ]
    return sorted(found, key=lambda design: (design.standard_error, design.repeats))


def forecast(answers: int, price: Price, in_flight: int = 1) -> Forecast:
    """Cost and time of `answers` requests with `in_flight` of them open at once."""
    require_count(answers, "answers")
    require_count(in_flight, "in_flight", least=1)
    cost = answers * (price.tokens_in * price.per_million_in + price.tokens_out * price.per_million_out) / 1e6
    waves = answers / min(in_flight, max(answers, 1))
    return Forecast(answers, answers * (price.tokens_in + price.tokens_out), cost, waves * price.seconds)


def _require_effect(difference: float, discordant: float) -> float:
    gap = abs(difference)
    if gap == 0.0:
        raise BadArgument(
            "difference is 0; no number of items shows no difference. Give the smallest that matters."
        )
    if not gap <= discordant <= 1.0:
        raise BadArgument(
            f"discordant is {discordant!r} for a difference of {difference!r}; the share of items on which the two differ lies "
            "between the difference and 1."
        )
    return gap


def _require_power(power: float, level: float) -> None:
    require_level(level)
    if not 0.0 < power < 1.0:
        raise BadArgument(f"power is {power!r}; give a number between 0 and 1, such as 0.8.")
