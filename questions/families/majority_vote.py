"""Accuracy of a majority vote (self-consistency with two possible answers)."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    n, chance = p["votes"], p["percent"] / 100
    least = n // 2 + 1
    terms = [math.comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(least, n + 1)]
    return Solved(sum(terms), "", {"p": chance, "least": least})


def verify(p: Params) -> float:
    """Add voters one at a time and carry the distribution of the number of right ones."""
    right = [1.0]
    for _ in range(p["votes"]):
        right = [
            (right[k] if k < len(right) else 0.0) * (1 - p["percent"] / 100)
            + (right[k - 1] if k else 0.0) * p["percent"] / 100
            for k in range(len(right) + 1)
        ]
    return math.fsum(right[p["votes"] // 2 + 1 :])


FAMILY = Family(
    id="a8-majority-vote-accuracy",
    topic="A8",
    difficulty=2,
    stage=3,
    parameters={"votes": [3, 5, 7, 9, 11, 15], "percent": [35, 40, 45, 55, 60, 65, 70, 75, 80]},
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一道只有对错两种答案的题，模型单次答对的概率为 {p}，各次独立。采样 {votes} 次取多数，答对的概率是"
        "多少（0 到 1）？",
        en="A question has only two possible answers; a single sample is right with probability {p}, "
        "independently. With a majority vote over {votes} samples, what is the probability (between 0 "
        "and 1) of being right?",
    ),
    solution=Text(
        zh="至少 {least} 票正确：从 k = {least} 到 {votes} 对 C({votes}, k) × {p}^k × (1 - {p})^({votes} - "
        "k) 求和，得 {value}。单次低于 0.5 时投票反而更差；样本之间相关时收益也会变小。",
        en="At least {least} votes must be right: the sum of C({votes}, k) × {p}^k × (1 - {p})^({votes} - "
        "k) for k from {least} to {votes} is {value}. Below 0.5 voting makes it worse, and correlated "
        "samples gain less.",
    ),
    tolerance=Tolerance("absolute", 0.01),
    low=0.05,
    high=1,
    references=[Reference("Wang et al. 2022, Self-Consistency", "https://arxiv.org/abs/2203.11171")],
)
