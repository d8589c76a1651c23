"""Lower end of the Wilson interval of an accuracy."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance

_Z = 1.959963984540054


def solve(p: Params) -> Solved:
    n, share = p["items"], p["right"] / p["items"]
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    wald = share - _Z * math.sqrt(share * (1 - share) / n)
    return Solved(centre - half, "", {"share": share, "centre": centre, "half": half, "wald": wald})


def verify(p: Params) -> float:
    """Invert the score test: bisect for the accuracy that lies z standard errors, its own, below the
    observed.
    """
    n, share = p["items"], p["right"] / p["items"]
    low, high = 0.0, share
    for _ in range(200):
        middle = (low + high) / 2
        too_far = share - middle > _Z * math.sqrt(middle * (1 - middle) / n)
        low, high = (middle, high) if too_far else (low, middle)
    return float(low)


FAMILY = Family(
    id="e2-wilson-lower-bound",
    topic="E2",
    difficulty=3,
    stage=3,
    parameters={
        "items": [40, 50, 60, 80, 100, 120, 200],
        "right": [30, 33, 35, 36, 38, 39],
    },
    accept=lambda p: p["right"] < p["items"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型在 {items} 道题上答对 {right} 道。准确率的 95% Wilson 区间的下限是多少（0 到 1，取 z = 1.96）？",
        en="A model answers {right} of {items} items correctly. What is the lower end of the 95% Wilson "
        "interval of its accuracy (between 0 and 1, z = 1.96)?",
    ),
    solution=Text(
        zh="p = {right}/{items} = {share}。中心 （p + z²/2n）/(1 + z²/n) = {centre}，半宽 z·sqrt(p(1-p)/n + z"
        "²/4n²)/(1 + z²/n) = {half}。下限 {centre} - {half} = {value}(Wald 区间会给出 {wald}，小样本或极"
        "端比例时覆盖率偏低)。",
        en="p = {right}/{items} = {share}. The centre (p + z²/2n)/(1 + z²/n) is {centre}, the half-width z"
        "·sqrt(p(1-p)/n + z²/4n²)/(1 + z²/n) is {half}. Lower end: {centre} - {half} = {value}. (Wald "
        "would give {wald}; it covers too rarely in small samples and near 0 or 1.)",
    ),
    tolerance=Tolerance("absolute", 0.003),
    low=0.1,
    high=1,
    references=[Reference("Wilson 1927", "https://doi.org/10.1080/01621459.1927.10502953")],
)
