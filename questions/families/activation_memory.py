"""Activation memory of a transformer trained without recomputation."""

from questions.families.base import Family, Params, Reference, Solved, Text

# bytes per token and hidden unit: attention 11 (input 2, QKV 2+2+2, output 2, dropout 1), FFN 19, two layer norms 4
_LINEAR_PARTS = (11, 19, 4)
_SCORE_PARTS = (2, 1, 2)  # softmax output, its dropout mask, dropout output; bytes per score


def solve(p: Params) -> Solved:
    ratio = 5 * p["heads"] * p["length"] / p["hidden"]
    per_layer = p["length"] * p["micro"] * p["hidden"] * (34 + ratio)
    return Solved(per_layer * p["layers"] / 1e9, "GB", {"ratio": ratio, "per_layer_gb": per_layer / 1e9})


def verify(p: Params) -> float:
    """Sum the stored tensors: linear ones by s·b·h, attention maps by a·s²·b."""
    linear = sum(_LINEAR_PARTS) * p["length"] * p["micro"] * p["hidden"]
    scores = sum(_SCORE_PARTS) * p["heads"] * p["length"] ** 2 * p["micro"]
    return float((linear + scores) * p["layers"] / 1e9)


FAMILY = Family(
    id="w9-activation-memory",
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
        zh="按 Korthikanti 等人的公式，16 位训练、无重计算、无 FlashAttention、无张量并行时，每层激活为 s·b·"
        "h·(34 + 5·a·s/h) 字节。模型有 {layers} 层，h = {hidden},a = {heads} 个头，序列长 s = {length}，微"
        "批 b = {micro}。各层激活共多少 GB(10^9 字节)?",
        en="By the formula of Korthikanti et al., 16-bit training without recomputation, FlashAttention "
        "or tensor parallelism keeps s·b·h·(34 + 5·a·s/h) bytes of activations a layer. A model has "
        "{layers} layers, h = {hidden}, a = {heads} heads, sequence length s = {length}, micro-batch b "
        "= {micro}. How many GB (10^9 bytes) of activations do its layers keep?",
    ),
    solution=Text(
        zh="5·a·s/h = 5 × {heads} × {length} / {hidden} = {ratio}。每层 {length} × {micro} × {hidden} × "
        "(34 + {ratio}) 字节 = {per_layer_gb} GB，{layers} 层共 {value} GB。平方项来自注意力图，用 "
        "FlashAttention 或选择性重计算可以去掉它。",
        en="5·a·s/h = 5 × {heads} × {length} / {hidden} = {ratio}. A layer keeps {length} × {micro} × "
        "{hidden} × (34 + {ratio}) bytes = {per_layer_gb} GB, {layers} layers {value} GB. The "
        "quadratic term is the attention map, which FlashAttention or selective recomputation removes.",
    ),
    low=2,
    high=9000,
    references=[
        Reference(
            "Korthikanti et al. 2022, Reducing Activation Recomputation", "https://arxiv.org/abs/2205.05198"
        ),
    ],
    audience=["experienced"],
)
