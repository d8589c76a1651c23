"""The unbiased estimate of pass@k."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    wrong = math.comb(p["samples"] - p["passed"], p["k"])
    all_ways = math.comb(p["samples"], p["k"])
    naive = 1 - (1 - p["passed"] / p["samples"]) ** p["k"]
    return Solved(
        1 - wrong / all_ways,
        "",
        {"failed": p["samples"] - p["passed"], "wrong": wrong, "all_ways": all_ways, "naive": naive},
    )


def verify(p: Params) -> float:
    """Draw k samples one after another without putting back, all of them failing."""
    failed = p["samples"] - p["passed"]
    all_fail = 1.0
    for drawn in range(p["k"]):
        all_fail *= max(0, failed - drawn) / (p["samples"] - drawn)
    return 1 - all_fail


FAMILY = Family(
    id="e1-pass-at-k",
    topic="E1",
    difficulty=3,
    stage=3,
    parameters={"samples": [10, 12, 16, 20], "passed": [1, 2, 3, 4, 5, 6], "k": [2, 3, 4, 5, 8]},
    accept=lambda p: p["samples"] - p["passed"] >= p["k"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一道编程题采样 {samples} 次，其中 {passed} 次通过测试。按无偏估计，pass@{k} 是多少（0 到 1）？",
        en="A coding task is sampled {samples} times, of which {passed} pass the tests. What is the "
        "unbiased estimate of pass@{k} (between 0 and 1)?",
    ),
    solution=Text(
        zh="pass@k = 1 - C(n-c, k)/C(n, k) = 1 - C({failed}, {k})/C({samples}, {k}) = 1 - {wrong}/"
        "{all_ways} = {value}。直接用 1 - (1 - c/n)^k 得 {naive}，有偏（偏低）。",
        en="pass@k = 1 - C(n-c, k)/C(n, k) = 1 - C({failed}, {k})/C({samples}, {k}) = 1 - {wrong}/"
        "{all_ways} = {value}. Plugging c/n into 1 - (1 - c/n)^k gives {naive}, which is biased low.",
    ),
    tolerance=Tolerance("absolute", 0.005),
    low=0.09,
    high=1,
    references=[Reference("Chen et al. 2021, Codex (pass@k)", "https://arxiv.org/abs/2107.03374")],
    also=["E2"],
)
