"""Exact McNemar test of two models on the same items."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    discordant = p["only_a"] + p["only_b"]
    fewer = min(p["only_a"], p["only_b"])
    ways = sum(math.comb(discordant, count) for count in range(fewer + 1))
    tail = ways / 2**discordant
    return Solved(min(1.0, 2 * tail), "", {"discordant": discordant, "fewer": fewer, "tail": tail})


def verify(p: Params) -> float:
    """Toss the coins one by one and carry the distribution of heads; add what is no likelier than the
    observed.
    """
    coins = p["only_a"] + p["only_b"]
    heads = [1.0]
    for _ in range(coins):
        heads = [
            ((heads[k] if k < len(heads) else 0) + (heads[k - 1] if k else 0)) / 2
            for k in range(len(heads) + 1)
        ]
    return math.fsum(chance for chance in heads if chance <= heads[p["only_a"]] * (1 + 1e-9))


FAMILY = Family(
    id="e2-mcnemar-exact-p",
    topic="E2",
    difficulty=4,
    stage=3,
    parameters={
        "both": [312, 355, 401, 428],
        "neither": [54, 71, 96],
        "only_a": [14, 16, 18, 21, 24, 27],
        "only_b": [5, 7, 8, 9, 11, 12],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="两个模型答同一套题：都对 {both} 题，都错 {neither} 题，只有甲对 {only_a} 题，只有乙对 {only_b} 题"
        "。精确 McNemar 检验的双侧 p 值是多少？",
        en="Two models answer the same items: both are right on {both}, both wrong on {neither}, only the "
        "first is right on {only_a}, only the second on {only_b}. What is the two-sided p-value of the "
        "exact McNemar test?",
    ),
    solution=Text(
        zh="只有不一致的 {only_a} + {only_b} = {discordant} 题携带信息；若两者一样好，每题偏向哪边是一枚公平"
        "硬币。P(X ≤ {fewer}),X ~ Bin({discordant}, 1/2)，等于 {tail}；双侧 2 × {tail} = {value}。都对和"
        "都错的题不参与检验。",
        en="Only the {only_a} + {only_b} = {discordant} discordant items tell; if the models are equally "
        "good, each falls to either side like a fair coin. P(X ≤ {fewer}) for X ~ Bin({discordant}, "
        "1/2) is {tail}; two-sided 2 × {tail} = {value}. Items on which they agree do not enter.",
    ),
    tolerance=Tolerance("relative", 0.05),
    low=1e-4,
    high=1,
    references=[
        Reference("McNemar 1947", "https://doi.org/10.1007/BF02295996"),
        Reference("Miller 2024, Adding Error Bars to Evals", "https://arxiv.org/abs/2411.00640"),
    ],
    audience=["experienced"],
)
