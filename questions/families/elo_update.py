"""An Elo rating after one battle."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    expected = 1 / (1 + 10 ** ((p["second"] - p["first"]) / 400))
    change = p["k"] * (p["result"] - expected)
    return Solved(p["first"] + change, "", {"expected": expected, "change": change})


def verify(p: Params) -> float:
    """From the opponent's side: what the one gains, the other loses."""
    opponent_expected = 1 / (1 + 10 ** ((p["first"] - p["second"]) / 400))
    opponent_change = p["k"] * ((1 - p["result"]) - opponent_expected)
    return float(p["first"] - opponent_change)


FAMILY = Family(
    id="e4-elo-update",
    topic="E4",
    difficulty=2,
    stage=3,
    parameters={
        "first": [980, 1020, 1075, 1130, 1210],
        "second": [960, 1005, 1090, 1160, 1240],
        "k": [4, 8, 16, 32],
        "outcome": [
            {"result": 1.0, "result_zh": "甲胜", "result_en": "the first wins"},
            {"result": 0.0, "result_zh": "甲负", "result_en": "the first loses"},
            {"result": 0.5, "result_zh": "平局", "result_en": "it is a tie"},
        ],
    },
    accept=lambda p: abs(solve(p).steps["change"]) >= 0.5,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型甲当前 Elo {first}，模型乙 {second},K = {k}(400 分制)。一场对战的结果是{result_zh}。甲的新 "
        "Elo 是多少？",
        en="The first model has Elo {first}, the second {second}, with K = {k} (scale 400). They meet and "
        "{result_en}. What is the first model's new Elo?",
    ),
    solution=Text(
        zh="甲的期望得分 1/(1 + 10^(({second} - {first})/400)) = {expected}。变化 K × （得分 - 期望）= {k} "
        "× ({result} - {expected}) = {change}，新分 {value}。在线 Elo 依赖对战顺序，榜单更宜用 "
        "Bradley-Terry 的整体拟合。",
        en="The expected score is 1/(1 + 10^(({second} - {first})/400)) = {expected}. The change is K × "
        "(score - expected) = {k} × ({result} - {expected}) = {change}, the new rating {value}. Online "
        "Elo depends on the order of battles; for a board a Bradley-Terry fit over all of them is "
        "better.",
    ),
    tolerance=Tolerance("absolute", 0.1),
    low=900,
    high=1300,
    references=[Reference("Chiang et al. 2024, Chatbot Arena", "https://arxiv.org/abs/2403.04132")],
)
