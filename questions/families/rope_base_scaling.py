"""NTK-aware scaling of RoPE's base."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    scale = p["target"] / p["trained"]
    exponent = p["head_size"] / (p["head_size"] - 2)
    return Solved(
        p["base"] * scale**exponent, "", {"scale": scale, "exponent": exponent, "less": p["head_size"] - 2}
    )


def verify(p: Params) -> float:
    """The new base must stretch the slowest wavelength, 2π·base^((d-2)/d), by exactly the scale."""
    d = p["head_size"]
    slowest = 2 * math.pi * p["base"] ** ((d - 2) / d) * p["target"] / p["trained"]
    return float((slowest / (2 * math.pi)) ** (d / (d - 2)))


FAMILY = Family(
    id="f3-rope-base-scaling",
    topic="F3",
    difficulty=4,
    stage=3,
    parameters={
        "base": [10000, 500000, 1000000],
        "head_size": [64, 80, 128],
        "trained": [2048, 4096, 8192],
        "target": [16384, 32768, 65536, 131072],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型用 RoPE（基数 {base}，头维度 {head_size}），训练长度 {trained}。用 NTK-aware 缩放把上下文扩到 "
        "{target}：新基数 = 基数 × s^(d/(d-2)),s 为长度之比，d 为头维度。新基数是多少？",
        en="A model uses RoPE (base {base}, head size {head_size}) and was trained at length {trained}. "
        "NTK-aware scaling stretches its context to {target}: new base = base × s^(d/(d-2)), where s "
        "is the ratio of the lengths and d the head size. What is the new base?",
    ),
    solution=Text(
        zh="s = {target}/{trained} = {scale}，指数 d/(d-2) = {head_size}/{less} = {exponent}。新基数 {base}"
        " × {scale}^{exponent} = {value}。最慢的维度正好被拉长 s 倍（相当于位置插值），最快的维度几乎不变，"
        "局部分辨率得以保留。",
        en="s = {target}/{trained} = {scale}; the exponent d/(d-2) is {head_size}/{less} = {exponent}. "
        "New base: {base} × {scale}^{exponent} = {value}. The slowest dimension is stretched by "
        "exactly s (as by position interpolation), the fastest hardly at all, which keeps local "
        "resolution.",
    ),
    low=1e4,
    high=1e8,
    references=[
        Reference("Peng et al. 2023, YaRN (NTK-aware interpolation)", "https://arxiv.org/abs/2309.00071"),
        Reference("Su et al. 2021, RoFormer", "https://arxiv.org/abs/2104.09864"),
    ],
    audience=["experienced"],
)
