"""Probability of the top token at a temperature."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    powers = [math.exp(logit / p["temperature"]) for logit in (p["a"], p["b"], p["c"])]
    names = dict(zip(("ea", "eb", "ec"), powers, strict=True))
    return Solved(powers[0] / sum(powers), "", {**names, "total": sum(powers)})


def verify(p: Params) -> float:
    """By the gaps to the top logit alone; a shift of all logits changes nothing."""
    gaps = ((p["b"] - p["a"]) / p["temperature"], (p["c"] - p["a"]) / p["temperature"])
    return 1 / (1 + sum(math.exp(gap) for gap in gaps))


FAMILY = Family(
    id="i7-softmax-temperature",
    topic="I7",
    difficulty=1,
    stage=1,
    parameters={
        "a": [2.0, 2.5, 3.0, 3.5],
        "b": [1.0, 1.2, 1.5, 1.8],
        "c": [0.0, 0.3, 0.5, 0.9],
        "temperature": [0.5, 0.7, 0.8, 1.2, 1.5, 2.0],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="三个候选 token 的 logit 为 {a}、{b}、{c}（只考虑这三个）。温度 T = {temperature} 时，第一个 "
        "token 被采到的概率是多少（0 到 1 的小数）？",
        en="Three candidate tokens have logits {a}, {b} and {c} (there are no others). At temperature T = "
        "{temperature}, what is the probability (between 0 and 1) that the one with the largest logit "
        "is sampled?",
    ),
    solution=Text(
        zh="先除以温度再做 softmax:e^({a}/{temperature}) = {ea},e^({b}/{temperature}) = {eb},e^({c}/"
        "{temperature}) = {ec}，和为 {total}。{ea} / {total} = {value}。温度越低分布越尖。",
        en="Divide by the temperature, then take the softmax: e^({a}/{temperature}) = {ea}, e^({b}/"
        "{temperature}) = {eb}, e^({c}/{temperature}) = {ec}, which add up to {total}. {ea} / {total} "
        "= {value}. The lower the temperature, the sharper the distribution.",
    ),
    tolerance=Tolerance("absolute", 0.01),
    low=0.4,
    high=1,
    references=[
        Reference("Holtzman et al. 2019, Neural Text Degeneration", "https://arxiv.org/abs/1904.09751")
    ],
    also=["F9"],
)
