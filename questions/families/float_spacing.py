"""The gap between neighbouring numbers of a format."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    exponent = math.floor(math.log2(p["weight"]))
    gap = 2.0 ** (exponent - p["mantissa"])
    steps = {"exponent": exponent, "power": exponent - p["mantissa"], "half": gap / 2}
    return Solved(gap, "", steps)


def verify(p: Params) -> float:
    """Build the two neighbours from integer mantissas."""
    fraction, exponent = math.frexp(p["weight"])
    below = math.floor(math.ldexp(fraction, p["mantissa"] + 1))
    neighbours = [math.ldexp(whole, exponent - p["mantissa"] - 1) for whole in (below, below + 1)]
    return neighbours[1] - neighbours[0]


FAMILY = Family(
    id="p7-float-spacing",
    topic="P7",
    difficulty=2,
    stage=3,
    parameters={
        "weight": [0.013, 0.03, 0.07, 0.15, 0.3, 0.6, 1.3, 2.7, 5.5, 11.0, 23.0, 100.0],
        "layout": [
            {"format": "bf16", "mantissa": 7},
            {"format": "fp16", "mantissa": 10},
            {"format": "fp8 E4M3", "mantissa": 3},
            {"format": "tf32", "mantissa": 10},
        ],
    },
    accept=lambda p: p["format"] != "fp8 E4M3" or p["weight"] >= 2**-6,  # below, E4M3 is subnormal
    solve=solve,
    verify=verify,
    stem=Text(
        zh="{format} 有 {mantissa} 位尾数（不含隐含位）。在数值 {weight} 附近，相邻两个可表示数的间隔是多少？",
        en="{format} has {mantissa} mantissa bits, the implicit one not counted. What is the gap between "
        "neighbouring representable numbers around {weight}?",
    ),
    solution=Text(
        zh="{weight} 落在 [2^{exponent}, 2^({exponent}+1)) 内，间隔为 2^({exponent} - {mantissa}) = 2^("
        "{power}) = {value}。小于间隔一半（{half}）的更新会被舍入掉，所以要保留 fp32 主参数。",
        en="{weight} lies in [2^{exponent}, 2^({exponent}+1)), where the gap is 2^({exponent} - {mantissa}"
        ") = 2^({power}) = {value}. An update below half of it ({half}) is rounded away, which is why "
        "fp32 master weights are kept.",
    ),
    low=1e-6,
    high=20,
    references=[
        Reference("Micikevicius et al. 2017, Mixed Precision Training", "https://arxiv.org/abs/1710.03740")
    ],
)
