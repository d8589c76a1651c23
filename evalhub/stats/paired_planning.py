"""How many shared items a paired difference takes when scores are not 0/1, or when items come in clusters.

The same formula as planning.items_needed, n = (z_{a/2} + z_b)^2 V / d^2, with V the variance of one item's
difference instead of D - d^2 (they are equal for 0/1 scores), times the design effect of the clusters.
Sources: Miller, arXiv 2411.00640, section 5 (power from paired variance); Kish, Survey Sampling 1965 (deff).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evalhub.stats.arguments import BadArgument, Labels, picked, require_count, require_level, vector
from evalhub.stats.clusters import clustered_mean, repeat


@dataclass(frozen=True, slots=True)
class PairedSpread:
    """What past differences say of future ones. `difference` and `variance` per item, in score units.

    design_effect: how many clustered items are worth one independent item, at least 1; None where all items
    are one cluster, so that nothing is known.
    """

    difference: float
    variance: float
    design_effect: float | None
    n: int

    @property
    def effective_variance(self) -> float | None:
        """The variance to plan with: clusters counted."""
        return None if self.design_effect is None else self.variance * self.design_effect


def spread(gaps: ArrayLike, clusters: Labels | None = None) -> PairedSpread | None:
    """The spread of differences, shape (n,), NaN = not shared; None where nothing is shared.

    >>> spread([1.0, 0.0, 0.0, 0.0]).variance
    0.1875
    """
    values = vector(gaps, "gaps")
    kept = ~np.isnan(values)
    labels = None if clusters is None else picked(clusters, kept)
    values = values[kept]
    if values.size == 0:
        return None
    variance = float(values.var())
    return PairedSpread(float(values.mean()), variance, _design_effect(values, labels), values.size)


def items_for_variance(difference: float, variance: float, power: float = 0.8, level: float = 0.95) -> int:
    """Shared items to see a true `difference` when one item's difference has this variance; at least 1.

    For 0/1 scores with discordant share D it equals planning.items_needed(d, D): variance = D - d^2.
    """
    _require_variance(variance)
    if difference == 0.0:
        raise BadArgument(
            "difference is 0; no number of items shows no difference. Give the smallest that matters."
        )
    return max(1, int(ceil(_reach(power, level) ** 2 * variance / difference**2)))


def smallest_for_variance(n: int, variance: float, power: float = 0.8, level: float = 0.95) -> float:
    """The smallest true difference that n shared items show with this power, in score units."""
    _require_variance(variance)
    require_count(n, "n", least=1)
    return float(_reach(power, level) * np.sqrt(variance / n))


def _design_effect(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], labels: Labels | None
) -> float | None:
    if labels is None or not repeat(labels):
        return 1.0
    error = clustered_mean(values, labels).standard_error
    if error is None:
        return None
    alone = float(values.var(ddof=1)) / values.size
    return max(1.0, error**2 / alone) if alone > 0.0 else 1.0


def _reach(power: float, level: float) -> float:
    require_level(level)
    if not 0.0 < power < 1.0:
        raise BadArgument(f"power is {power!r}; give a number between 0 and 1, such as 0.8.")
    return float(stats.norm.isf((1.0 - level) / 2.0) + stats.norm.ppf(power))


def _require_variance(variance: float) -> None:
    if not (variance >= 0.0 and np.isfinite(variance)):
        raise BadArgument(f"variance is {variance!r}; give a finite number of at least 0.")
