"""BLEU's brevity penalty."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    penalty = math.exp(1 - p["reference"] / p["candidate"])
    return Solved(
        penalty * p["precision"], "", {"ratio": p["reference"] / p["candidate"], "penalty": penalty}
    )


def verify(p: Params) -> float:
    """In logarithms: log BLEU = min(1 - r/c, 0) + log of the mean precision."""
    log_score = min(1 - p["reference"] / p["candidate"], 0) + math.log(p["precision"])
    return math.exp(log_score)


FAMILY = Family(
    id="e10-bleu-brevity-penalty",
    topic="E10",
    difficulty=2,
    stage=3,
    parameters={
        "candidate": [14, 16, 18, 21, 24, 27],
        "reference": [20, 25, 28, 30, 32, 36],
        "precision": [0.32, 0.38, 0.45, 0.51, 0.6],
    },
    accept=lambda p: p["reference"] > p["candidate"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="译文共 {candidate} 个词，有效参考长度 {reference} 个词，1 到 4 元精确率的几何平均为 {precision}"
        "。BLEU 是多少（0 到 1）？",
        en="A translation has {candidate} words, the effective reference length is {reference}, and the "
        "geometric mean of the 1- to 4-gram precisions is {precision}. What is the BLEU score (between "
        "0 and 1)?",
    ),
    solution=Text(
        zh="译文比参考短，简短惩罚 BP = e^(1 - r/c) = e^(1 - {ratio}) = {penalty}。BLEU = {penalty} × "
        "{precision} = {value}。没有它，只输出最有把握的几个词就能得高分。",
        en="The translation is shorter than the reference, so BP = e^(1 - r/c) = e^(1 - {ratio}) = "
        "{penalty}. BLEU = {penalty} × {precision} = {value}. Without it a system could score high "
        "with its few surest words.",
    ),
    low=0.05,
    high=0.6,
    references=[Reference("Papineni et al. 2002, BLEU", "https://aclanthology.org/P02-1040/")],
)
