"""What is believed of item parameters before any answer: it keeps small samples from running to infinity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questions.psychometrics.responses import Floats, PsychometricsError


@dataclass(frozen=True, slots=True)
class Prior:
    """log a ~ N(log_a_mean, log_a_sd^2), a log-normal on the slope; d ~ N(0, d_sd^2) where d_sd is given."""

    log_a_mean: float = 0.0
    log_a_sd: float = 0.5
    d_sd: float | None = None

    def __post_init__(self) -> None:
        if not self.log_a_sd > 0 or (self.d_sd is not None and not self.d_sd > 0):
            raise PsychometricsError(f"{self} has a spread that is not above 0; give positive ones")

    def log_density(self, a: Floats, d: Floats) -> float:
        """Up to a constant, summed over items; -inf where a slope is not above 0."""
        if (a <= 0).any():
            return -np.inf
        found = -np.log(a) - 0.5 * ((np.log(a) - self.log_a_mean) / self.log_a_sd) ** 2
        finite = np.where(np.isfinite(d), d, 0.0)
        return float(found.sum()) - (0.5 * float((finite**2).sum()) / self.d_sd**2 if self.d_sd else 0.0)

    def slope_terms(self, a: Floats) -> tuple[Floats, Floats]:
        """Gradient of the log density in a, and a positive curvature that bounds its second derivative below."""
        z = (np.log(a) - self.log_a_mean) / self.log_a_sd**2
        return -(1.0 + z) / a, np.maximum((1.0 / self.log_a_sd**2 - 1.0 - z) / a**2, 0.1 / a**2)

    def intercept_curvature(self) -> float:
        """1 / d_sd^2, or 0 where intercepts are free."""
        return 1.0 / self.d_sd**2 if self.d_sd else 0.0


PRODUCT_PRIOR = Prior(0.0, 0.5, 3.0)
"""What the nightly calibration uses: half of all slopes between 0.71 and 1.40, intercepts within +-6."""
