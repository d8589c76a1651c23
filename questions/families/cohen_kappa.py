"""Cohen's kappa of a judge and a person."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    total = p["yes_yes"] + p["yes_no"] + p["no_yes"] + p["no_no"]
    observed = (p["yes_yes"] + p["no_no"]) / total
    judge_yes = (p["yes_yes"] + p["yes_no"]) / total
    human_yes = (p["yes_yes"] + p["no_yes"]) / total
    expected = judge_yes * human_yes + (1 - judge_yes) * (1 - human_yes)
    steps = {
        "total": total,
        "observed": observed,
        "judge_yes": judge_yes,
        "human_yes": human_yes,
        "expected": expected,
    }
    return Solved((observed - expected) / (1 - expected), "", steps)


def verify(p: Params) -> float:
    """The closed form for a 2 x 2 table: 2(ad - bc) / ((a+b)(b+d) + (a+c)(c+d))."""
    a, b, c, d = p["yes_yes"], p["yes_no"], p["no_yes"], p["no_no"]
    return float(2 * (a * d - b * c) / ((a + b) * (b + d) + (a + c) * (c + d)))


FAMILY = Family(
    id="e3-cohen-kappa",
    topic="E3",
    difficulty=2,
    stage=3,
    parameters={
        "yes_yes": [62, 70, 85, 104, 120],
        "yes_no": [9, 14, 18, 23],
        "no_yes": [6, 11, 15, 21],
        "no_no": [18, 25, 34, 47],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="LLM 裁判与人工对同一批回答各判“合格/不合格”：都合格 {yes_yes}，裁判合格而人工不合格 {yes_no}，裁"
        "判不合格而人工合格 {no_yes}，都不合格 {no_no}。Cohen's kappa 是多少？",
        en="An LLM judge and a person each mark the same answers as pass or fail: both pass {yes_yes}, "
        "judge pass and person fail {yes_no}, judge fail and person pass {no_yes}, both fail {no_no}. "
        "What is Cohen's kappa?",
    ),
    solution=Text(
        zh="一致率 p_o = ({yes_yes} + {no_no})/{total} = {observed}。裁判判合格的比例 {judge_yes}，人工 "
        "{human_yes}，偶然一致 p_e = {expected}。kappa = (p_o - p_e)/(1 - p_e) = {value}。类别不均衡时，"
        "一致率高而 kappa 可以很低。",
        en="Agreement p_o = ({yes_yes} + {no_no})/{total} = {observed}. The judge passes {judge_yes}, the "
        "person {human_yes}; by chance they agree on p_e = {expected}. kappa = (p_o - p_e)/(1 - p_e) = "
        "{value}. With uneven classes agreement may be high and kappa low.",
    ),
    tolerance=Tolerance("absolute", 0.01),
    low=0.1,
    high=0.9,
    references=[Reference("Cohen 1960", "https://doi.org/10.1177/001316446002000104")],
    also=["E4"],
)
