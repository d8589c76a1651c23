"""The one shape in which a number with its uncertainty travels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

METHODS: Final = {
    "wilson": "Wilson score",
    "wilson_mean": "Wilson score with the spread measured",
    "clopper_pearson": "Clopper-Pearson exact",
    "student_t": "Student t",
    "clustered_t": "cluster-robust t",
    "clustered_wilson": "Wilson score on the effective sample size of clusters",
    "one_cluster": "one cluster: only the bounds of the score are known",
    "betting": "betting (bounded mean, guaranteed at any n)",
    "betting_without_replacement": "betting, items drawn without replacement",
    "bca": "BCa bootstrap",
    "bootstrap": "percentile bootstrap",
    "tango": "Tango score for a paired difference",
    "rogan_gladen": "Rogan-Gladen, Lang-Reiczigel limits",
    "ppi": "prediction-powered inference",
    "sandwich": "Bradley-Terry, sandwich covariance",
    "mover": "recovered variances (MOVER)",
    "delta": "delta method",
    "pirt": "item response prediction",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval [low, high] at `level` for `estimate`, from `n` items.

    `method` is a key of METHODS; `label` is the same in words. Units are those of the scores.
    """

    low: float
    high: float
    method: str
    level: float
    estimate: float
    n: int

    @property
    def label(self) -> str:
        """The method in words, for tables and exports."""
        return METHODS.get(self.method, self.method)

    @property
    def width(self) -> float:
        return self.high - self.low

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high
