"""Win probability from a difference of Elo ratings (Bradley-Terry)."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    gap = p["first"] - p["second"]
    return Solved(1 / (1 + 10 ** (-gap / 400)), "", {"gap": gap, "odds": 10 ** (gap / 400)})


def verify(p: Params) -> float:
    """Bradley-Terry strengths exp(rating · ln 10 / 400) and their share."""
    strengths = [math.exp(p[name] * math.log(10) / 400) for name in ("first", "second")]
    return strengths[0] / sum(strengths)


FAMILY = Family(
    id="e4-elo-win-probability",
    topic="E4",
    difficulty=1,
    stage=3,
    parameters={
        "first": [1080, 1120, 1155, 1190, 1230, 1275, 1310],
        "second": [1010, 1040, 1065, 1095, 1140, 1175, 1205, 1260],
    },
    accept=lambda p: abs(p["first"] - p["second"]) >= 15,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="竞技场里模型甲 Elo {first}，模型乙 {second}(400 分制，底数 10)。不计平局，甲胜乙的概率是多少（0 到"
        " 1)?",
        en="In an arena the first model has Elo {first}, the second {second} (scale 400, base 10). Ties "
        "aside, what is the probability (between 0 and 1) that the first beats the second?",
    ),
    solution=Text(
        zh="分差 {gap}，胜负比 10^({gap}/400) = {odds}，概率 {odds}/(1 + {odds}) = {value}。只有分差有意义，"
        "绝对分数没有。",
        en="The gap is {gap}, the odds 10^({gap}/400) = {odds}, the probability {odds}/(1 + {odds}) = "
        "{value}. Only gaps mean something, not levels.",
    ),
    tolerance=Tolerance("absolute", 0.005),
    low=0.2,
    high=0.9,
    references=[Reference("Chiang et al. 2024, Chatbot Arena", "https://arxiv.org/abs/2403.04132")],
)
