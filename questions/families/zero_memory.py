"""Model states a GPU holds under ZeRO stages 0 to 3."""

from questions.families.base import Family, Params, Reference, Solved, Text

_PARTS_ZH = ("没有任何部分", "优化器状态", "优化器状态和梯度", "优化器状态、梯度和参数")
_PARTS_EN = (
    "nothing",
    "the optimiser states",
    "optimiser states and gradients",
    "optimiser states, gradients and parameters",
)


def solve(p: Params) -> Solved:
    split = {0: 0, 1: 12, 2: 14, 3: 16}[p["zero"]]
    whole = 16 - split
    per_parameter = whole + split / p["gpus"]
    steps = {
        "split": split,
        "whole": whole,
        "per_parameter": per_parameter,
        "parts_zh": _PARTS_ZH[p["zero"]],
        "parts_en": _PARTS_EN[p["zero"]],
    }
    return Solved(p["billions"] * per_parameter, "GB", steps)


def verify(p: Params) -> float:
    """Add up weights, gradients, master copy and two moments, each divided from the stage that shards it."""
    parameters = p["billions"] * 1e9
    total = 0.0
    for size, sharded_from in ((2, 3), (2, 2), (4, 1), (4, 1), (4, 1)):
        total += parameters * size / (p["gpus"] if p["zero"] >= sharded_from else 1)
    return total / 1e9


FAMILY = Family(
    id="w4-zero-memory",
    topic="W4",
    difficulty=3,
    stage=3,
    parameters={
        "billions": [1.5, 3, 7, 7.5, 8, 13, 14, 32, 34, 70],
        "zero": [1, 2, 3, 1, 2, 3, 0],
        "gpus": [4, 8, 16, 32, 64],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="用 Adam 做 bf16 混合精度训练（参数 2 字节、梯度 2 字节、fp32 主参数与两个动量共 12 字节），模型有"
        " {billions}B 参数，数据并行 {gpus} 卡，采用 ZeRO 第 {zero} 阶段（0 表示不切分）。每张卡上的模型状"
        "态占多少 GB(1 GB = 10^9 字节，不计激活)?",
        en="A model of {billions}B parameters is trained with Adam in bf16 mixed precision (2 bytes of "
        "weights, 2 of gradients, 12 of fp32 master weights and two moments) on {gpus} data-parallel "
        "GPUs with ZeRO stage {zero} (0 means no sharding). How many GB (10^9 bytes) of model states "
        "does each GPU hold, activations left out?",
    ),
    solution=Text(
        zh="每个参数共 2 + 2 + 12 = 16 字节。第 {zero} 阶段切分的是{parts_zh}，即 {split} 字节，其余 {whole}"
        " 字节每卡一份：{whole} + {split}/{gpus} = {per_parameter} 字节/参数。乘以 {billions}×10^9 个参"
        "数，得 {value} GB。",
        en="Each parameter takes 2 + 2 + 12 = 16 bytes. Stage {zero} shards {parts_en}, {split} bytes, "
        "and every GPU keeps the other {whole}: {whole} + {split}/{gpus} = {per_parameter} bytes a "
        "parameter. Times {billions} × 10^9 parameters: {value} GB.",
    ),
    low=0.3,
    high=1200,
    references=[Reference("Rajbhandari et al. 2019, ZeRO", "https://arxiv.org/abs/1910.02054")],
    also=["S9"],
)
