"""Parameters added by a larger vocabulary."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    padded = -(-(p["old"] + p["added"]) // p["multiple"]) * p["multiple"]
    rows = padded - p["old"]
    return Solved(rows * p["hidden"] * p["copies"], "parameter", {"padded": padded, "rows": rows})


def verify(p: Params) -> float:
    """Grow the table row by row until it is long enough and divisible, then subtract the old one."""
    rows = p["old"] + p["added"]
    while rows % p["multiple"]:
        rows += 1
    return float((rows * p["hidden"] - p["old"] * p["hidden"]) * p["copies"])


FAMILY = Family(
    id="s10-vocabulary-extension-parameters",
    topic="S10",
    difficulty=2,
    stage=3,
    parameters={
        "base": [
            {"old": 32000, "hidden": 4096},
            {"old": 32000, "hidden": 5120},
            {"old": 128256, "hidden": 4096},
            {"old": 50304, "hidden": 2048},
        ],
        "added": [1000, 5000, 8500, 17953, 20000, 30000],
        "multiple": [64, 128, 256],
        "tying": [
            {"copies": 2, "tied_zh": "不共享", "tied_en": "are not tied"},
            {"copies": 1, "tied_zh": "共享", "tied_en": "are tied"},
        ],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型词表 {old}，隐藏维度 {hidden}，输入嵌入与输出头{tied_zh}权重。为中文新增 {added} 个 token，再"
        "把词表补齐到 {multiple} 的倍数。一共新增多少参数？",
        en="A model has a vocabulary of {old} and hidden size {hidden}; input embedding and output head "
        "{tied_en}. {added} Chinese tokens are added and the vocabulary is padded to a multiple of "
        "{multiple}. How many parameters does that add?",
    ),
    solution=Text(
        zh="{old} + {added} 补齐到 {multiple} 的倍数为 {padded}，新增 {rows} 行。每行 {hidden} 个参数，表有 "
        "{copies} 份：{rows} × {hidden} × {copies} = {value}。新行要好好初始化（如旧子词嵌入的平均），并用"
        "中文数据继续预训练。",
        en="{old} + {added} padded to a multiple of {multiple} is {padded}, {rows} new rows. A row has "
        "{hidden} parameters; copies of the table: {copies}. {rows} × {hidden} × {copies} = {value}. "
        "Initialise new rows sensibly (say, the mean of the old pieces) and continue pre-training on "
        "Chinese text.",
    ),
    low=2e6,
    high=3.5e8,
    references=[Reference("Cui et al. 2023, Chinese LLaMA and Alpaca", "https://arxiv.org/abs/2304.08177")],
    also=["F5"],
)
