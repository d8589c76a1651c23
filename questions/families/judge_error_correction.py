"""True pass rate behind an imperfect judge (Rogan-Gladen)."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    raw, hit, reject = p["raw"] / 100, p["sensitivity"] / 100, p["specificity"] / 100
    youden = hit + reject - 1
    return Solved(100 * (raw + reject - 1) / youden, "percent", {"youden": youden, "over": raw + reject - 1})


def verify(p: Params) -> float:
    """Bisect for the true rate whose judged rate is the one observed."""
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        judged = middle * p["sensitivity"] + (1 - middle) * (100 - p["specificity"])
        low, high = (middle, high) if judged < p["raw"] else (low, middle)
    return 100 * low


FAMILY = Family(
    id="e3-judge-error-correction",
    topic="E3",
    difficulty=3,
    stage=3,
    parameters={
        "raw": [48, 55, 61, 66, 72, 78],
        "sensitivity": [86, 90, 93, 96],
        "specificity": [70, 76, 82, 88],
    },
    accept=lambda p: 5 < solve(p).value < 95 and abs(solve(p).value - p["raw"]) >= 1,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="LLM 裁判判定 {raw}% 的回答合格。对照人工标注的子集：合格的回答它有 {sensitivity}% 判为合格，不合"
        "格的有 {specificity}% 判为不合格。校正后的真实合格率是百分之几？",
        en="An LLM judge passes {raw}% of the answers. On a subset labelled by people it passes "
        "{sensitivity}% of those that are good and fails {specificity}% of those that are bad. What is "
        "the corrected pass rate in per cent?",
    ),
    solution=Text(
        zh="观测率 = 真实率 × 灵敏度 + (1 - 真实率) × (1 - 特异度)，解得 （观测率 + 特异度 - 1）/（灵敏度 + 特"
        "异度 - 1) = {over}/{youden} = {value}%。灵敏度和特异度本身有误差，结果要带区间。",
        en="Observed = true × sensitivity + (1 - true) × (1 - specificity), so the true rate is (observed "
        "+ specificity - 1)/(sensitivity + specificity - 1) = {over}/{youden} = {value}%. Sensitivity "
        "and specificity are estimates themselves, so give an interval.",
    ),
    tolerance=Tolerance("absolute", 0.5),
    low=5,
    high=95,
    references=[Reference("Rogan and Gladen 1978", "https://doi.org/10.1093/oxfordjournals.aje.a112510")],
    audience=["experienced"],
)
