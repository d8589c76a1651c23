"""Training compute by 6ND."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    return Solved(6 * p["billions"] * 1e9 * p["btokens"] * 1e9, "FLOP")


def verify(p: Params) -> float:
    """Forward 2 FLOP per parameter and token, backward twice that, in units of 1e18."""
    forward = 2 * p["billions"] * p["btokens"]
    return float((forward + 2 * forward) * 1e18)


FAMILY = Family(
    id="p9-six-nd-compute",
    topic="P9",
    difficulty=1,
    stage=3,
    parameters={
        "billions": [0.5, 1.3, 2.7, 6.7, 7, 8, 13, 32, 65, 70, 175, 405],
        "btokens": [20, 100, 300, 500, 1000, 1400, 2000, 6000, 15000],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="用 6ND 估算：一个 {billions}B 参数的稠密模型训练 {btokens}B（十亿）token，总训练计算量是多少 FLOP?",
        en="By the 6ND rule, how many FLOP does it take to train a dense model of {billions}B parameters "
        "on {btokens}B (billion) tokens?",
    ),
    solution=Text(
        zh="前向每个参数每个 token 约 2 FLOP，反向约为前向的两倍，合计 6:6 × {billions}×10^9 × {btokens}"
        "×10^9 = {value} FLOP。这是总量，不是速率（FLOP/s）。",
        en="The forward pass takes about 2 FLOP per parameter and token, the backward pass twice as much, "
        "6 in all: 6 × {billions}×10^9 × {btokens}×10^9 = {value} FLOP. That is an amount, not a rate "
        "(FLOP/s).",
    ),
    low=1e19,
    high=1e26,
    references=[Reference("Kaplan et al. 2020, Scaling laws", "https://arxiv.org/abs/2001.08361")],
    also=["P2"],
)
