"""Size of weights quantised in groups."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    extra = p["scale_bits"] + p["zero_bits"]
    bits = p["bits"] + extra / p["group"]
    return Solved(p["billions"] * bits / 8, "GB", {"extra": extra, "bits_each": bits})


def verify(p: Params) -> float:
    """Bytes of one group, times the number of groups."""
    group_bytes = (p["group"] * p["bits"] + p["scale_bits"] + p["zero_bits"]) / 8
    return float(group_bytes * (p["billions"] * 1e9 / p["group"]) / 1e9)


FAMILY = Family(
    id="i4-quantised-size",
    topic="I4",
    difficulty=2,
    stage=4,
    parameters={
        "billions": [1.5, 3, 7, 8, 13, 14, 32, 34, 70, 72],
        "bits": [2, 3, 4, 8],
        "group": [32, 64, 128],
        "meta": [
            {"scale_bits": 16, "zero_bits": 0},
            {"scale_bits": 16, "zero_bits": 16},
            {"scale_bits": 16, "zero_bits": 4},
            {"scale_bits": 32, "zero_bits": 0},
        ],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="把 {billions}B 个权重按 {bits} 位分组量化，组大小 {group}，每组另存 {scale_bits} 位缩放因子和 "
        "{zero_bits} 位零点。量化后的权重一共多少 GB(10^9 字节)?",
        en="{billions}B weights are quantised to {bits} bits in groups of {group}; each group also stores "
        "a scale of {scale_bits} bits and a zero point of {zero_bits} bits. How many GB (10^9 bytes) "
        "are the quantised weights?",
    ),
    solution=Text(
        zh="每组元数据 {scale_bits} + {zero_bits} = {extra} 位，摊到每个权重 {extra}/{group} 位：{bits} + "
        "{extra}/{group} = {bits_each} 位/权重。{billions} × {bits_each} / 8 = {value} GB。组越小精度越"
        "好，元数据开销也越大。",
        en="A group's metadata are {scale_bits} + {zero_bits} = {extra} bits, {extra}/{group} a weight: "
        "{bits} + {extra}/{group} = {bits_each} bits a weight. {billions} × {bits_each} / 8 = {value} "
        "GB. Smaller groups are more accurate and cost more metadata.",
    ),
    tolerance=Tolerance("relative", 0.01),
    low=0.3,
    high=90,
    references=[Reference("Frantar et al. 2022, GPTQ", "https://arxiv.org/abs/2210.17323")],
)
