"""Advantage of one answer within its GRPO group."""

import math
from statistics import fmean, pstdev

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    rewards = p["rewards"]
    mean, spread = fmean(rewards), pstdev(rewards)
    return Solved((rewards[0] - mean) / spread, "", {"first": rewards[0], "mean": mean, "spread": spread})


def verify(p: Params) -> float:
    """From sums alone: (n·r - S) / sqrt(n·Q - S²)."""
    rewards = p["rewards"]
    n, total, squares = len(rewards), sum(rewards), sum(reward**2 for reward in rewards)
    return float((n * rewards[0] - total) / math.sqrt(n * squares - total**2))


def _group(*rewards: float) -> dict[str, object]:
    return {"rewards": list(rewards), "listed": ", ".join(map(str, rewards)), "count": len(rewards)}


FAMILY = Family(
    id="a5-grpo-advantage",
    topic="A5",
    difficulty=2,
    stage=3,
    parameters={
        "group": [
            _group(*rewards)
            for rewards in (
                *(
                    (1, 0, 0, 1),
                    (1, 0, 0, 0),
                    (0, 1, 1, 1),
                    (1, 1, 0, 1),
                    (1, 0, 0, 0, 0, 0),
                    (0, 1, 0, 0, 1, 0),
                ),
                *(
                    (0.9, 0.2, 0.4, 0.5),
                    (0.3, 0.8, 0.6, 0.1),
                    (1.2, 0.4, 0.4, 0.8),
                    (0.5, 1, 0, 0.1),
                    (0.7, 0.7, 0.1, 0.3),
                ),
                *(
                    (1, 0.5, 0, 0, 0.5, 1),
                    (0, 0, 1, 0, 0, 0, 0, 1),
                    (1, 1, 1, 0, 0, 0, 0, 0),
                    (0.2, 0.9, 0.9, 1),
                ),
                *(
                    (1.1, 0.1, 0.6, 0.6, 0.1),
                    (0.4, 0.1, 0.1, 1),
                    (0.6, 0, 0.9, 0.3),
                    (1, 1, 0, 0, 1, 1, 0, 1),
                ),
                *(
                    (0, 1, 1, 0, 1, 1),
                    (0.8, 0.3, 0.2, 0.1),
                    (1, 0, 1, 0, 0),
                    (0.1, 0.5, 0.9, 0.9),
                    (1, 0, 0, 0, 0),
                ),
            )
        ],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="GRPO 对同一提示采样 {count} 个回答，奖励依次为 {listed}。优势 =（奖励 - 组均值）/ 组标准差（总体标"
        "准差，除以 n)。第一个回答的优势是多少？",
        en="GRPO samples {count} answers to one prompt with rewards {listed}. Advantage = (reward - group "
        "mean) / group standard deviation (of the population, divided by n). What is the advantage of "
        "the answer listed first?",
    ),
    solution=Text(
        zh="组均值 {mean}，总体标准差 {spread}。（{first} - {mean}）/ {spread} = {value}。组内奖励全相同则标"
        "准差为 0，没有梯度信号，这样的组应当丢弃或重采。",
        en="The group mean is {mean}, the standard deviation {spread}. ({first} - {mean}) / {spread} = "
        "{value}. If all rewards of a group are equal the deviation is 0 and there is no signal; drop "
        "or resample such groups.",
    ),
    tolerance=Tolerance("absolute", 0.02),
    low=-3,
    high=3,
    references=[Reference("Shao et al. 2024, DeepSeekMath (GRPO)", "https://arxiv.org/abs/2402.03300")],
)
