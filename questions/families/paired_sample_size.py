"""Items needed to tell two models apart on the same items."""

import math
from statistics import NormalDist

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance

_Z_ALPHA, _Z_POWER = 1.959964, 0.841621  # two-sided 5 %, power 80 %


def solve(p: Params) -> Solved:
    gap, discordant = p["points"] / 100, p["percent"] / 100
    spread = discordant - gap**2
    needed = (_Z_ALPHA + _Z_POWER) ** 2 * spread / gap**2
    return Solved(
        math.ceil(needed), "", {"gap": gap, "discordant": discordant, "spread": spread, "needed": needed}
    )


def verify(p: Params) -> float:
    """Simulate nothing: variance of one paired difference from its three values, then the normal
    sample size.
    """
    gap, discordant = p["points"] / 100, p["percent"] / 100
    better, worse = (discordant + gap) / 2, (discordant - gap) / 2
    variance = better * 1**2 + worse * (-1) ** 2 - gap**2
    factor = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
    return float(math.ceil((factor * math.sqrt(variance) / gap) ** 2))


FAMILY = Family(
    id="e2-paired-sample-size",
    topic="E2",
    difficulty=4,
    stage=3,
    parameters={"points": [1, 2, 3, 4, 5, 6, 8, 10], "percent": [8, 10, 12, 15, 18, 20, 25, 30]},
    accept=lambda p: 2 * p["points"] <= p["percent"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="两个模型在同一套题上配对比较，预计结果不一致的题占 {percent}%。要以 80% 的功效、双侧 5% 的显著"
        "性水平检出 {points} 个百分点的真实差距，至少需要多少道题？（用 n = (1.96 + 0.8416)² (D - δ²)/δ²,"
        "向上取整)",
        en="Two models are compared on the same items, and their results are expected to differ on "
        "{percent}% of them. How many items are needed at least to detect a true gap of {points} "
        "percentage points with power 80% at the two-sided 5% level? (n = (1.96 + 0.8416)² (D - δ²)/δ²"
        ", rounded up)",
    ),
    solution=Text(
        zh="δ = {gap},D = {discordant}，每题差值的方差是 D - δ² = {spread}。（1.96 + 0.8416）² = 7.849,n = "
        "7.849 × {spread} / {gap}² = {needed}，向上取整 {value}。差距减半，题数约需四倍。",
        en="δ = {gap}, D = {discordant}; the variance of an item's difference is D - δ² = {spread}. (1.96 "
        "+ 0.8416)² = 7.849, so n = 7.849 × {spread} / {gap}² = {needed}, rounded up {value}. Half the "
        "gap takes about four times the items.",
    ),
    tolerance=Tolerance("relative", 0.01),
    low=10,
    high=25000,
    references=[Reference("Miller 2024, Adding Error Bars to Evals", "https://arxiv.org/abs/2411.00640")],
    audience=["experienced"],
)
