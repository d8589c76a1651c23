"""A weighted mean over groups (tracks, languages, benchmarks) with an interval, from the groups' own intervals.

Source: Zou & Donner, "Construction of confidence limits about effect measures: a general approach",
Statistics in Medicine 2008 (MOVER): each limit recovers its own variance, so small groups at 0 or 100 % keep
their lopsided intervals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evalhub.stats.arguments import BadArgument
from evalhub.stats.interval import Interval


def weighted_mean(
    parts: Sequence[Interval | None], weights: Sequence[float] | None = None
) -> Interval | None:
    """sum of w_g * mean_g over independent groups, weights scaled to sum 1; equal weights if none are given (macro mean).

    None where a group with weight has no data: a mean over what happens to be there is another number. n is
    the sum.
    """
    shares = _shares(len(parts), weights)
    held = [(part, share) for part, share in zip(parts, shares, strict=True) if share > 0.0]
    if any(part is None for part, _ in held):
        return None
    found = [(part, share) for part, share in held if part is not None]
    if len({part.level for part, _ in found}) > 1:
        raise BadArgument(
            f"the groups have levels {sorted({p.level for p, _ in found})}; compute them at one level."
        )
    estimate = sum(share * part.estimate for part, share in found)
    below = np.sqrt(sum((share * (part.estimate - part.low)) ** 2 for part, share in found))
    above = np.sqrt(sum((share * (part.high - part.estimate)) ** 2 for part, share in found))
    n = sum(part.n for part, _ in found)
    return Interval(estimate - float(below), estimate + float(above), "mover", found[0][0].level, estimate, n)


def _shares(count: int, weights: Sequence[float] | None) -> list[float]:
    given = [1.0] * count if weights is None else list(weights)
    if len(given) != count or any(weight < 0.0 for weight in given) or sum(given) <= 0.0:
        raise BadArgument(
            f"weights are {given} for {count} groups; give one weight of at least 0 a group, not all 0."
        )
    return [weight / sum(given) for weight in given]
