"""Bits per byte, which compares models with different tokenisers."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    bits = p["loss"] / math.log(2)
    return Solved(
        bits * p["tokens"] / p["size"], "bit/byte", {"bits": bits, "per_token": p["size"] / p["tokens"]}
    )


def verify(p: Params) -> float:
    """Bits to code the whole text, by its probability, over its bytes."""
    log2_probability = -p["tokens"] * math.log2(math.e) * p["loss"]
    return float(-log2_probability / p["size"])


FAMILY = Family(
    id="f9-bits-per-byte",
    topic="F9",
    difficulty=3,
    stage=3,
    parameters={
        "loss": [1.7, 1.9, 2.1, 2.3, 2.5, 2.7],
        "tokens": [20000, 24000, 28000, 31000, 36000],
        "size": [96000, 104000, 118000, 125000],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一段 UTF-8 文本有 {size} 字节，被分成 {tokens} 个 token，模型的平均损失为 {loss} nat/token。每字"
        "节多少比特（bits per byte）？",
        en="A UTF-8 text of {size} bytes is {tokens} tokens long; the model's mean loss is {loss} nats "
        "per token. How many bits per byte is that?",
    ),
    solution=Text(
        zh="{loss} nat = {loss} / ln 2 = {bits} 比特/token。每个 token 平均 {per_token} 字节，所以 {bits} "
        "× {tokens} / {size} = {value} 比特/字节。不同分词器的困惑度不能直接比较，每字节比特可以。",
        en="{loss} nats = {loss} / ln 2 = {bits} bits per token. A token covers {per_token} bytes on "
        "average, so {bits} × {tokens} / {size} = {value} bits per byte. Perplexities under different "
        "tokenisers do not compare; bits per byte do.",
    ),
    low=0.3,
    high=1.6,
    references=[Reference("Gao et al. 2020, The Pile", "https://arxiv.org/abs/2101.00027")],
    also=["F5"],
)
