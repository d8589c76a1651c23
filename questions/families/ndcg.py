"""nDCG of one ranking."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    grades = p["grades"]
    dcg = sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, 1))
    ideal = sum(grade / math.log2(place + 1) for place, grade in enumerate(sorted(grades, reverse=True), 1))
    return Solved(
        dcg / ideal,
        "",
        {"dcg": dcg, "ideal": ideal, "best": ", ".join(map(str, sorted(grades, reverse=True)))},
    )


def verify(p: Params) -> float:
    """The best DCG by trying the discounts largest first; discounts as quotients of natural logarithms."""
    discounts = [math.log(2) / math.log(place + 2) for place in range(len(p["grades"]))]
    gained = math.fsum(grade * discount for grade, discount in zip(p["grades"], discounts, strict=True))
    remaining, best = list(p["grades"]), 0.0
    for discount in discounts:
        remaining.remove(top := max(remaining))
        best += top * discount
    return float(gained / best)


def _ranking(*grades: int) -> dict[str, object]:
    return {"grades": list(grades), "listed": ", ".join(map(str, grades))}


FAMILY = Family(
    id="e5-ndcg",
    topic="E5",
    difficulty=2,
    stage=2,
    parameters={
        "ranking": [
            _ranking(*grades)
            for grades in (
                *((3, 0, 2, 1, 0), (0, 3, 1, 2, 0), (2, 3, 0, 0, 1), (1, 0, 3, 2, 2), (0, 0, 3, 1, 2)),
                *((2, 0, 3, 0, 1), (3, 1, 2, 0, 0), (0, 2, 2, 3, 1), (1, 2, 3, 0, 0), (3, 0, 0, 3, 2)),
                *((0, 1, 0, 2, 3), (2, 2, 0, 1, 3), (1, 3, 0, 2, 0), (0, 3, 0, 3, 1), (2, 1, 0, 3, 0)),
                *((1, 0, 2, 0, 3), (0, 2, 0, 3, 0), (3, 2, 0, 1, 3), (0, 1, 2, 3, 3), (2, 0, 1, 3, 1)),
                *((1, 1, 3, 0, 2), (0, 0, 2, 3, 0), (3, 0, 1, 2, 3), (1, 3, 2, 0, 1), (0, 3, 2, 1, 0)),
            )
        ],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="检索返回五篇文档，相关性分级依次为 {listed}（没有别的相关文档）。用线性增益、折扣 log2（位置"
        "+1),nDCG@5 是多少（0 到 1）？",
        en="A search returns five documents with relevance grades {listed}, in this order; there are no "
        "other relevant ones. With linear gain and discount log2(position + 1), what is nDCG@5 "
        "(between 0 and 1)?",
    ),
    solution=Text(
        zh="DCG = Σ 分级/log2（位置+1）= {dcg}。理想顺序为 {best},IDCG = {ideal}。nDCG = {dcg}/{ideal} = "
        "{value}。",
        en="DCG = Σ grade/log2(position + 1) = {dcg}. In the ideal order {best} it is IDCG = {ideal}. "
        "nDCG = {dcg}/{ideal} = {value}.",
    ),
    tolerance=Tolerance("absolute", 0.005),
    low=0.4,
    high=0.999,
    references=[Reference("Järvelin and Kekäläinen 2002", "https://doi.org/10.1145/582415.582418")],
    also=["U4"],
)
