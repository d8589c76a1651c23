"""Gradient accumulation steps for a token budget."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    sequences = p["ktokens"] * 1024 // p["length"]
    per_pass = p["gpus"] * p["micro"]
    return Solved(
        sequences // per_pass,
        "",
        {"sequences": sequences, "per_pass": per_pass, "tokens": p["ktokens"] * 1024},
    )


def verify(p: Params) -> float:
    """Count backward passes until a step has seen its tokens."""
    seen = passes = 0
    while seen < p["ktokens"] * 1024:
        seen += p["gpus"] * p["micro"] * p["length"]
        passes += 1
    return float(passes)


FAMILY = Family(
    id="w1-accumulation-steps",
    topic="W1",
    difficulty=1,
    stage=3,
    parameters={
        "ktokens": [512, 1024, 2048, 4096, 8192],
        "length": [1024, 2048, 4096, 8192],
        "gpus": [8, 16, 32, 64],
        "micro": [1, 2, 4],
    },
    accept=lambda p: (
        p["ktokens"] * 1024 % (p["length"] * p["gpus"] * p["micro"]) == 0
        and p["ktokens"] * 1024 >= 2 * p["length"] * p["gpus"] * p["micro"]
    ),
    solve=solve,
    verify=verify,
    stem=Text(
        zh="希望每个优化器步看到 {tokens} 个 token。序列长 {length}，{gpus} 张卡纯数据并行，每卡微批 {micro}"
        " 条。需要累积多少个微批再更新一次？",
        en="Each optimiser step shall see {tokens} tokens. Sequences have {length} tokens, {gpus} GPUs "
        "run pure data parallelism with a micro-batch of {micro}. Over how many micro-batches must "
        "gradients be accumulated?",
    ),
    solution=Text(
        zh="每步 {tokens} / {length} = {sequences} 条序列；一次前向反向处理 {gpus} × {micro} = {per_pass} "
        "条；{sequences} / {per_pass} = {value}。累积时损失要除以累积步数，并只在最后一次同步梯度。",
        en="A step has {tokens} / {length} = {sequences} sequences; one pass takes {gpus} × {micro} = "
        "{per_pass}; {sequences} / {per_pass} = {value}. Divide the loss by that number, and "
        "synchronise gradients in the last pass only.",
    ),
    tolerance=Tolerance("absolute", 0),
    low=2,
    high=1024,
    references=[
        Reference(
            "PyTorch, DistributedDataParallel.no_sync",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.parallel.DistributedDataParallel.html",
        ),
    ],
    also=["W9"],
)
