"""Learning rate at a step of warm-up and cosine decay."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    progress = (p["step"] - p["warmup"]) / (p["total"] - p["warmup"])
    low = p["peak"] * p["floor"] / 100
    cosine = (1 + math.cos(math.pi * progress)) / 2
    return Solved(
        (low + (p["peak"] - low) * cosine) * 1e-5,
        "",
        {"progress": progress, "low": low, "cosine": cosine, "shown": low + (p["peak"] - low) * cosine},
    )


def verify(p: Params) -> float:
    """cos²(x/2) = (1 + cos x)/2, as a weighted mean of peak and floor."""
    weight = math.cos(math.pi * (p["step"] - p["warmup"]) / (p["total"] - p["warmup"]) / 2) ** 2
    return float(1e-5 * p["peak"] * (weight + (1 - weight) * p["floor"] / 100))


FAMILY = Family(
    id="p8-cosine-learning-rate",
    topic="P8",
    difficulty=2,
    stage=3,
    parameters={
        "peak": [10, 15, 20, 30, 60],
        "floor": [0, 5, 10],
        "warmup": [500, 1000, 2000],
        "total": [20_000, 50_000, 100_000],
        "step": [4_000, 9_000, 12_000, 16_000, 18_500],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="学习率先线性预热 {warmup} 步到峰值 {peak}×10^-5，再按余弦衰减，第 {total} 步降到峰值的 {floor}%"
        "。第 {step} 步的学习率是多少？",
        en="The learning rate warms up linearly over {warmup} steps to a peak of {peak}×10^-5, then "
        "decays by a cosine to {floor}% of the peak at step {total}. What is it at step {step}?",
    ),
    solution=Text(
        zh="衰减进度 （{step} - {warmup}）/({total} - {warmup}) = {progress}，余弦系数 （1 + cos(π × "
        "{progress}))/2 = {cosine}。最低值 {low}×10^-5，所以 {low} + ({peak} - {low}) × {cosine} = "
        "{shown}，即 {shown}×10^-5。",
        en="Progress of the decay: ({step} - {warmup})/({total} - {warmup}) = {progress}; cosine factor "
        "(1 + cos(π × {progress}))/2 = {cosine}. The floor is {low}×10^-5, so {low} + ({peak} - {low}) "
        "× {cosine} = {shown}, that is {shown}×10^-5.",
    ),
    low=1e-7,
    high=7e-4,
    references=[Reference("Loshchilov and Hutter 2016, SGDR", "https://arxiv.org/abs/1608.03983")],
)
