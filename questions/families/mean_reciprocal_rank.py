"""MRR over a few queries."""

from fractions import Fraction

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    ranks = [p["r1"], p["r2"], p["r3"], p["r4"]]
    gains = [1 / rank if rank <= p["cut"] else 0.0 for rank in ranks]
    terms = " + ".join(f"1/{rank}" if rank <= p["cut"] else "0" for rank in ranks)
    return Solved(sum(gains) / 4, "", {"terms": terms, "sum": sum(gains)})


def verify(p: Params) -> float:
    """In exact fractions, by walking down each result list."""
    total = Fraction(0)
    for name in ("r1", "r2", "r3", "r4"):
        for place in range(1, p["cut"] + 1):
            if place == p[name]:
                total += Fraction(1, place)
    return float(total / 4)


FAMILY = Family(
    id="e5-mean-reciprocal-rank",
    topic="E5",
    difficulty=1,
    stage=2,
    parameters={
        "r1": [1, 2, 3],
        "r2": [1, 2, 4, 5],
        "r3": [2, 3, 6, 8],
        "r4": [1, 5, 10, 12],
        "cut": [5, 10],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="四个查询的第一篇相关文档分别排在第 {r1}、{r2}、{r3}、{r4} 位。MRR@{cut} 是多少（0 到 1）？",
        en="For four queries the first relevant document stands at rank {r1}, {r2}, {r3} and {r4}. What "
        "is MRR@{cut} (between 0 and 1)?",
    ),
    solution=Text(
        zh="每个查询取首个相关文档名次的倒数，名次超过 {cut} 记 0:({terms}) / 4 = {sum} / 4 = {value}。它只"
        "看第一篇命中，不管后面还找到多少。",
        en="Take the reciprocal of each first relevant rank, 0 beyond {cut}: ({terms}) / 4 = {sum} / 4 = "
        "{value}. Only the first hit counts, not how many more are found.",
    ),
    tolerance=Tolerance("absolute", 0.005),
    low=0.1,
    high=1,
    references=[
        Reference(
            "Voorhees 1999, TREC-8 question answering",
            "https://trec.nist.gov/pubs/trec8/papers/qa_report.pdf",
        )
    ],
    also=["U4"],
)
