"""End-to-end accuracy of a RAG pipeline, stage by stage."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    found = p["recall"] / 100 * p["rerank"] / 100
    answered = found * p["reading"] / 100
    lucky = (1 - found) * p["guess"] / 100
    return Solved(
        100 * (answered + lucky),
        "percent",
        {"found": 100 * found, "answered": 100 * answered, "lucky": 100 * lucky},
    )


def verify(p: Params) -> float:
    """Follow 10^8 questions through the stages in whole numbers."""
    asked = 10**8
    retrieved = asked * p["recall"] // 100
    kept = retrieved * p["rerank"] // 100
    right = kept * p["reading"] // 100 + (asked - kept) * p["guess"] // 100
    return math.fsum([right]) / asked * 100


FAMILY = Family(
    id="u1-rag-accuracy-by-stage",
    topic="U1",
    difficulty=2,
    stage=2,
    parameters={
        "recall": [78, 82, 86, 90, 94],
        "rerank": [85, 88, 92, 95, 98],
        "reading": [80, 84, 88, 92, 96],
        "guess": [5, 10, 15, 20],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一个 RAG 系统：检索的召回率 {recall}%（前 50 条含正确片段），重排后正确片段进入上下文的比例为其中"
        "的 {rerank}%，片段在上下文时模型答对 {reading}%，不在时仍凭记忆答对 {guess}%。端到端正确率是百分"
        "之几？",
        en="In a RAG system retrieval finds the right passage among the top 50 in {recall}% of questions, "
        "reranking keeps it in the context in {rerank}% of those, the model answers {reading}% "
        "correctly with it in the context and still {guess}% from memory without it. What percentage "
        "is answered correctly end to end?",
    ),
    solution=Text(
        zh="片段进入上下文的比例 {recall}% × {rerank}% = {found}%。其中答对 {found}% × {reading}% = "
        "{answered}%；其余凭记忆答对 （1 - {found}%）× {guess}% = {lucky}%。合计 {value}%。逐级相乘，先修"
        "损失最大的那一级。",
        en="The passage reaches the context in {recall}% × {rerank}% = {found}%. Answered with it: {found}"
        "% × {reading}% = {answered}%; from memory: (1 - {found}%) × {guess}% = {lucky}%. Together "
        "{value}%. Stages multiply; mend the one that loses most first.",
    ),
    tolerance=Tolerance("absolute", 0.3),
    low=50,
    high=95,
    references=[
        Reference("Lewis et al. 2020, Retrieval-Augmented Generation", "https://arxiv.org/abs/2005.11401")
    ],
    also=["E5"],
)
