"""Standard errors where items come in clusters: one passage with several questions, a family, a language pair.

Source: Miller, "Adding error bars to evals", arXiv 2411.00640, appendix A, with the small-sample
factor C/(C-1) (statsmodels calls the same thing cov_type="cluster").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalhub.stats.arguments import FloatArray, IntArray, Labels, codes


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """mean, its standard error, and the number of clusters (its t has clusters - 1 degrees of freedom).

    `standard_error` is None for a single cluster: nothing is known of how clusters differ.
    """

    mean: float
    standard_error: float | None
    clusters: int


def clustered_mean(scores: FloatArray, clusters: Labels) -> ClusteredMean:
    """SE = sqrt(C/(C-1) * sum over clusters of (sum of deviations)^2) / n. scores: shape (n,), n >= 1, no NaN."""
    label = codes(clusters, scores.size)
    return clustered_mean_by_code(scores, label)


def clustered_mean_by_code(scores: FloatArray, label: IntArray) -> ClusteredMean:
    """As clustered_mean, for labels already coded 0..C-1 with every code present."""
    count = int(label.max()) + 1
    mean = float(scores.mean())
    if count < 2:
        return ClusteredMean(mean, None, count)
    sums = np.bincount(label, weights=scores - mean, minlength=count)
    error = float(np.sqrt(count / (count - 1) * np.sum(sums**2)) / scores.size)
    return ClusteredMean(mean, error, count)


def repeat(clusters: Labels | None) -> bool:
    """Whether any label occurs twice; if none does, the items are unclustered."""
    return clusters is not None and distinct(clusters) < len(clusters)


def distinct(clusters: Labels) -> int:
    """How many clusters there are."""
    if isinstance(clusters, np.ndarray):
        return int(np.unique(clusters).size) if clusters.dtype.kind in "iu" else len(set(clusters.tolist()))
    return len(set(clusters))
