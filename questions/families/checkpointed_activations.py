"""Activation memory with full recomputation of every layer."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    kept = 2 * p["length"] * p["micro"] * p["hidden"]
    ratio = 5 * p["heads"] * p["length"] / p["hidden"]
    working = p["length"] * p["micro"] * p["hidden"] * (34 + ratio)
    steps = {"kept_gb": kept * p["layers"] / 1e9, "ratio": ratio, "working_gb": working / 1e9}
    return Solved((kept * p["layers"] + working) / 1e9, "GB", steps)


def verify(p: Params) -> float:
    """In units of one s·b·h tensor of one byte: 2 for each layer's input, 34 + 5as/h for the layer at
    work.
    """
    unit = p["length"] * p["micro"] * p["hidden"] / 1e9
    inputs = sum(2 for _ in range(p["layers"]))
    return float(unit * (inputs + 34) + 5 * p["heads"] * p["length"] ** 2 * p["micro"] / 1e9)


FAMILY = Family(
    id="w9-checkpointed-activations",
    topic="W9",
    difficulty=4,
    stage=3,
    parameters={
        "model": [
            {"layers": 24, "hidden": 2048, "heads": 16},
            {"layers": 32, "hidden": 4096, "heads": 32},
            {"layers": 40, "hidden": 5120, "heads": 40},
            {"layers": 48, "hidden": 6144, "heads": 48},
            {"layers": 80, "hidden": 8192, "heads": 64},
        ],
        "length": [1024, 2048, 4096, 8192],
        "micro": [1, 2, 4],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="对每一层做完整的激活重计算：只保存各层的 16 位输入（2·s·b·h 字节），反向时一次重算一层，那一层的激"
        "活为 s·b·h·(34 + 5·a·s/h) 字节。模型有 {layers} 层，h = {hidden},a = {heads},s = {length},b = "
        "{micro}。激活峰值多少 GB(10^9 字节)?",
        en="Every layer is fully recomputed: only the 16-bit input of each layer is kept (2·s·b·h bytes), "
        "and the backward pass recomputes one layer at a time, whose activations take s·b·h·(34 + 5·a·"
        "s/h) bytes. A model has {layers} layers, h = {hidden}, a = {heads}, s = {length}, b = {micro}"
        ". What is the peak of activation memory in GB (10^9 bytes)?",
    ),
    solution=Text(
        zh="保存的输入：2 × {length} × {micro} × {hidden} × {layers} 字节 = {kept_gb} GB。正在重算的一层：5·"
        "a·s/h = {ratio}，{length} × {micro} × {hidden} × (34 + {ratio}) 字节 = {working_gb} GB。峰值为"
        "两者之和 {value} GB，代价是多做约一次前向（计算量增加约三分之一）。",
        en="Inputs kept: 2 × {length} × {micro} × {hidden} × {layers} bytes = {kept_gb} GB. The layer "
        "being recomputed: 5·a·s/h = {ratio}, so {length} × {micro} × {hidden} × (34 + {ratio}) bytes "
        "= {working_gb} GB. The peak is the sum, {value} GB, at the price of about one more forward "
        "pass (a third more compute).",
    ),
    low=0.1,
    high=250,
    references=[
        Reference(
            "Korthikanti et al. 2022, Reducing Activation Recomputation", "https://arxiv.org/abs/2205.05198"
        ),
        Reference(
            "Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost",
            "https://arxiv.org/abs/1604.06174",
        ),
    ],
    audience=["experienced"],
)
