"""Memory of attention scores that FlashAttention never writes."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    elements = p["batch"] * p["heads"] * p["length"] ** 2
    linear = p["batch"] * p["heads"] * p["length"] * 4
    return Solved(elements * p["bytes"] / 2**30, "GiB", {"elements": elements, "linear_mib": linear / 2**20})


def verify(p: Params) -> float:
    """One row of scores of one head, in bytes, times rows, heads and sequences."""
    row = p["length"] * p["bytes"]
    head_mib = row / 1024 * p["length"] / 1024
    return float(head_mib * p["heads"] * p["batch"] / 1024)


FAMILY = Family(
    id="i3-score-matrix-memory",
    topic="I3",
    difficulty=2,
    stage=4,
    parameters={
        "batch": [1, 2, 4, 8],
        "heads": [16, 32, 40, 64],
        "length": [2048, 4096, 8192, 16384, 32768],
        "precision": [{"format": "fp16", "bytes": 2}, {"format": "fp32", "bytes": 4}],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="朴素注意力把一层的得分矩阵 QK^T 以 {format} 写回显存：批大小 {batch}，{heads} 个头，序列长 "
        "{length}。这个矩阵占多少 GiB?",
        en="Naive attention writes the score matrix QK^T of a layer to memory in {format}: batch size "
        "{batch}, {heads} heads, sequence length {length}. How many GiB does it take?",
    ),
    solution=Text(
        zh="元素数 {batch} × {heads} × {length}² = {elements}，每个 {bytes} 字节，共 {value} GiB。"
        "FlashAttention 分块计算，不写这个矩阵，每行只保留一个 fp32 的 logsumexp，共 {linear_mib} MiB。",
        en="It has {batch} × {heads} × {length}² = {elements} elements of {bytes} bytes, {value} GiB. "
        "FlashAttention works in tiles and never writes it; it keeps one fp32 logsumexp a row, "
        "{linear_mib} MiB.",
    ),
    low=0.1,
    high=2100,
    references=[Reference("Dao et al. 2022, FlashAttention", "https://arxiv.org/abs/2205.14135")],
    also=["F1"],
)
