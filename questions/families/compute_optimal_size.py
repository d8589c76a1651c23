"""Compute-optimal model size for a budget (Chinchilla's rule of thumb)."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    size = math.sqrt(p["budget"] / (6 * p["ratio"]))
    return Solved(
        size,
        "parameter",
        {"factor": 6 * p["ratio"], "size_b": size / 1e9, "tokens_b": p["ratio"] * size / 1e9},
    )


def verify(p: Params) -> float:
    """Bisect for the size whose training on ratio × size tokens spends the budget."""
    low, high = 1e6, 1e14
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if 6 * middle * (p["ratio"] * middle) < p["budget"] else (low, middle)
    return low


FAMILY = Family(
    id="p2-compute-optimal-size",
    topic="P2",
    difficulty=3,
    stage=3,
    parameters={
        "budget": [1e20, 3e20, 1e21, 3e21, 1e22, 3e22, 1e23, 3e23, 5.76e23, 1e24, 3e24, 1e25],
        "ratio": [20, 20, 20, 25, 40],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="训练预算为 {budget} FLOP，按 C = 6ND，并让数据量为参数量的 {ratio} 倍（D = {ratio}N）。应训练多少"
        "参数的模型？",
        en="The training budget is {budget} FLOP. With C = 6ND and {ratio} tokens for each parameter (D = "
        "{ratio}N), how many parameters should the model have?",
    ),
    solution=Text(
        zh="代入 D = {ratio}N:C = 6 × {ratio} × N² = {factor}N²,N = sqrt({budget} / {factor}) = {value}，约"
        " {size_b}B；对应数据约 {tokens_b}B token。预算增大 100 倍，模型和数据各增大 10 倍。",
        en="With D = {ratio}N the budget is C = 6 × {ratio} × N² = {factor}N², so N = sqrt({budget} / "
        "{factor}) = {value}, about {size_b}B, and the data about {tokens_b}B tokens. A hundred times "
        "the budget means ten times the model and ten times the data.",
    ),
    tolerance=Tolerance("relative", 0.03),
    low=1e8,
    high=1e12,
    references=[Reference("Hoffmann et al. 2022, Chinchilla", "https://arxiv.org/abs/2203.15556")],
    also=["P9"],
)
