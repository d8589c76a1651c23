"""Wilson's score test and limits on an effective sample size, for any mean of scores in [0, 1].

The size is n for 0/1 scores. For other scores it is n * mean (1 - mean) / variance, both taken with two pseudo-items,
one at 0 and one at 1, so that scores which happen to lie close together claim little. For clustered 0/1 scores it is
mean (1 - mean) / SE^2 with the cluster-robust SE, and one item a cluster where there is no spread at all; for other
clustered scores the same with the two pseudo-items as clusters of their own. Quantiles of clustered scores are Student's with
C - 1 degrees of freedom. The plain t interval collapses near 0 and 1 and for few items or clusters; this does not (coverage
measured in docs/measurements/statistics.md).

Sources: Wilson, JASA 1927; effective sample size: Korn & Graubard, Survey Methodology 1998, Franco et al., J.
Survey Stat. Methodol. 2019; pseudo-items: Agresti & Coull, American Statistician 1998.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from evalhub.stats.arguments import FloatArray, Labels, codes, is_binary
from evalhub.stats.clusters import clustered_mean_by_code


class Limits(NamedTuple):
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What the score method needs: the mean, the effective size, and degrees of freedom (None: normal quantiles).

    `size` is None for a single cluster: nothing is known but that the mean lies in [0, 1].
    """

    mean: float
    size: float | None
    freedom: int | None = None


def measure(values: FloatArray, labels: Labels | None = None) -> Sample:
    """The sample behind `values`, shape (n,), n >= 1, in [0, 1], no NaN; labels: n clusters, or None."""
    if labels is not None:
        return _clustered(values, labels)
    mean = float(values.mean())
    if is_binary(values):
        return Sample(mean, float(values.size))
    padded = np.concatenate([values, [0.0, 1.0]])
    centre = float(padded.mean())
    return Sample(mean, values.size * centre * (1.0 - centre) / float(padded.var(ddof=1)))


def limits(sample: Sample, level: float) -> Limits:
    """Limits of the mean at `level`."""
    if sample.size is None:
        return Limits(0.0, 1.0)
    tail, share, n = (1.0 - level) / 2.0, sample.mean, sample.size
    quantile = stats.norm.isf(tail) if sample.freedom is None else stats.t.isf(tail, sample.freedom)
    square = float(quantile) ** 2
    centre = (share + square / (2.0 * n)) / (1.0 + square / n)
    half = float(quantile * np.sqrt(share * (1.0 - share) / n + square / (4.0 * n**2)) / (1.0 + square / n))
    low = 0.0 if share == 0.0 else max(0.0, centre - half)
    high = 1.0 if share == 1.0 else min(1.0, centre + half)
    return Limits(low, high)


def p_greater(sample: Sample, at: float) -> float:
    """One-sided p-value against 'the true mean is at most `at`'; agrees with `limits`, whose inversion it is."""
    if sample.size is None or at >= 1.0:
        return 1.0
    if at < 0.0:
        return 0.0
    error = np.sqrt(at * (1.0 - at) / sample.size)
    if error == 0.0:
        return 0.0 if sample.mean > at else 1.0
    distance = (sample.mean - at) / error
    return float(stats.norm.sf(distance) if sample.freedom is None else stats.t.sf(distance, sample.freedom))


def p_different(sample: Sample, at: float) -> float:
    """Two-sided p-value against 'the true mean is `at`', 0 < at < 1."""
    mirrored = Sample(1.0 - sample.mean, sample.size, sample.freedom)
    return min(1.0, 2.0 * min(p_greater(sample, at), p_greater(mirrored, 1.0 - at)))


def _clustered(values: FloatArray, labels: Labels) -> Sample:
    label = codes(labels, values.size)
    found = clustered_mean_by_code(values, label)
    if found.standard_error is None:
        return Sample(found.mean, None)
    if is_binary(values):
        spread, square = found.mean * (1.0 - found.mean), found.standard_error**2
        size = spread / square if spread > 0.0 and square > 0.0 else float(found.clusters)
        return Sample(found.mean, size, found.clusters - 1)
    padded = clustered_mean_by_code(
        np.concatenate([values, [0.0, 1.0]]), np.concatenate([label, [found.clusters, found.clusters + 1]])
    )
    assert padded.standard_error is not None  # at least 4 clusters, and they differ
    size = padded.mean * (1.0 - padded.mean) / padded.standard_error**2
    return Sample(found.mean, size * values.size / (values.size + 2.0), found.clusters - 1)
