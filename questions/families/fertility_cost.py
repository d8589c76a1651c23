"""What a tokeniser's fertility does to the bill."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    characters = p["documents"] * p["length"]
    old, new = (characters * p[name] / 1e6 for name in ("old", "new"))
    return Solved(
        (old - new) * p["price"], "USD", {"characters_m": characters / 1e6, "old_m": old, "new_m": new}
    )


def verify(p: Params) -> float:
    """Tokens saved on one document, priced, times the documents."""
    saved = p["length"] * p["old"] - p["length"] * p["new"]
    return float(saved * p["price"] / 1e6 * p["documents"])


FAMILY = Family(
    id="f5-fertility-cost",
    topic="F5",
    difficulty=1,
    stage=4,
    parameters={
        "documents": [20_000, 50_000, 100_000, 250_000],
        "length": [800, 1200, 1500, 2500],
        "old": [1.35, 1.5, 1.7, 1.9],
        "new": [0.55, 0.62, 0.7, 0.8],
        "price": [0.25, 0.5, 0.8, 1.25, 2.0],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="每月处理 {documents} 篇中文文档，平均 {length} 个字。旧模型的分词器每字 {old} 个 token，新模型每"
        "字 {new} 个，输入价同为每百万 token {price} 美元。换用新模型，每月输入费用省多少美元？",
        en="{documents} Chinese documents of {length} characters on average are processed a month. The "
        "old model's tokeniser makes {old} tokens a character, the new one's {new}; both charge {price}"
        " USD per million input tokens. How many USD of input cost does the new model save a month?",
    ),
    solution=Text(
        zh="每月 {documents} × {length} = {characters_m} 百万字。旧：{old_m} 百万 token；新：{new_m} 百万 "
        "token。差额 × {price} = {value} 美元。每字 token 数也决定延迟和可用上下文，比较单价之前先比较它"
        "。",
        en="A month has {documents} × {length} = {characters_m} million characters: {old_m} million "
        "tokens before, {new_m} million now. The difference times {price} is {value} USD. Tokens per "
        "character also set latency and usable context; compare them before comparing prices.",
    ),
    low=1,
    high=2000,
    references=[
        Reference(
            "Petrov et al. 2023, Tokenizers introduce unfairness between languages",
            "https://arxiv.org/abs/2305.15425",
        )
    ],
    audience=["campus", "product"],
    also=["U12"],
)
