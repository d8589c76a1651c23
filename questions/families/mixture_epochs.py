"""How often a small source is repeated in a mixture."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    drawn = p["budget"] * p["weight"] / 100
    natural = 100 * p["source"] / p["corpus"]
    return Solved(
        drawn / p["source"],
        "",
        {"drawn": drawn, "natural": natural, "most": 100 * 4 * p["source"] / p["budget"]},
    )


def verify(p: Params) -> float:
    """Epochs at natural sampling, times how much the source is up-weighted."""
    natural_epochs = p["budget"] / p["corpus"]
    upweight = (p["weight"] / 100) / (p["source"] / p["corpus"])
    return float(natural_epochs * upweight)


FAMILY = Family(
    id="d3-mixture-epochs",
    topic="D3",
    difficulty=2,
    stage=3,
    parameters={
        "budget": [500, 1000, 2000, 3000],
        "weight": [2, 3, 5, 8, 10, 15],
        "source": [5, 8, 12, 20, 30, 45],
        "corpus": [1200, 2500, 4000],
    },
    accept=lambda p: 0.5 <= solve(p).value <= 40 and p["weight"] > 100 * p["source"] / p["corpus"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="语料共 {corpus}B token，其中数学数据 {source}B。训练预算 {budget}B token，配比中数学占 {weight}%"
        "。数学数据平均会被看多少遍（epoch）？",
        en="A corpus has {corpus}B tokens, of which {source}B are mathematics. With a budget of {budget}B "
        "training tokens and a mixture weight of {weight}% for mathematics, how many times (epochs) is "
        "the mathematics seen on average?",
    ),
    solution=Text(
        zh="从数学中取样 {budget} × {weight}% = {drawn}B token，{drawn} / {source} = {value} 遍。自然占比只"
        "有 {natural}%。重复约 4 遍以内与新数据相差不大，对应的配比上限约 {most}%，再高收益迅速减小。",
        en="{budget} × {weight}% = {drawn}B tokens are drawn from mathematics, {drawn} / {source} = "
        "{value} epochs. Its natural share is only {natural}%. Up to about 4 epochs repeated data is "
        "nearly as good as new, a weight of at most {most}% here; beyond that it pays less and less.",
    ),
    low=0.4,
    high=41,
    references=[
        Reference(
            "Muennighoff et al. 2023, Scaling Data-Constrained Language Models",
            "https://arxiv.org/abs/2305.16264",
        )
    ],
)
