"""Chance that MinHash LSH brings two documents together."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    band = (p["percent"] / 100) ** p["rows"]
    found = 1 - (1 - band) ** p["bands"]
    middle = (1 / p["bands"]) ** (1 / p["rows"])
    return Solved(
        found, "", {"s": p["percent"] / 100, "band": band, "hashes": p["bands"] * p["rows"], "middle": middle}
    )


def verify(p: Params) -> float:
    """Add up the chance that exactly k bands agree, for k of at least one."""
    band = math.prod(p["percent"] / 100 for _ in range(p["rows"]))
    exactly = [
        math.comb(p["bands"], k) * band**k * (1 - band) ** (p["bands"] - k) for k in range(1, p["bands"] + 1)
    ]
    return math.fsum(exactly)


FAMILY = Family(
    id="d2-minhash-lsh-probability",
    topic="D2",
    difficulty=3,
    stage=3,
    parameters={
        "percent": [40, 50, 55, 60, 65, 70, 75, 80],
        "shape": [
            {"bands": 20, "rows": 5},
            {"bands": 16, "rows": 8},
            {"bands": 9, "rows": 13},
            {"bands": 14, "rows": 8},
            {"bands": 25, "rows": 5},
            {"bands": 32, "rows": 4},
            {"bands": 10, "rows": 10},
        ],
    },
    accept=lambda p: 0.02 < solve(p).value < 0.999,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="MinHash LSH 用 {bands} 个带、每带 {rows} 行。两篇 Jaccard 相似度为 {s} 的文档至少在一个带上相"
        "同（成为候选对）的概率是多少（0 到 1）？",
        en="MinHash LSH uses {bands} bands of {rows} rows. What is the probability (between 0 and 1) that "
        "two documents of Jaccard similarity {s} agree in at least one band and so become candidates?",
    ),
    solution=Text(
        zh="一个带全部相同的概率 {s}^{rows} = {band}。{bands} 个带都不同的概率 （1 - {band}）^{bands}，所以成"
        "为候选的概率 1 - (1 - {band})^{bands} = {value}。S 形曲线的陡处约在 （1/b）^(1/r) = {middle}。",
        en="All rows of a band agree with probability {s}^{rows} = {band}. None of the {bands} bands "
        "agrees with (1 - {band})^{bands}, so they become candidates with 1 - (1 - {band})^{bands} = "
        "{value}. The curve is steepest near (1/b)^(1/r) = {middle}.",
    ),
    tolerance=Tolerance("absolute", 0.01),
    low=0.02,
    high=1,
    references=[
        Reference("Lee et al. 2021, Deduplicating Training Data", "https://arxiv.org/abs/2107.06499"),
        Reference(
            "Leskovec et al., Mining of Massive Datasets, chapter 3", "https://doi.org/10.1017/9781108684163"
        ),
    ],
)
