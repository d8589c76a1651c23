"""Sequences that fit beside the weights."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    weights = p["billions"] * 2
    free = p["memory"] * p["usable"] / 100 - weights
    per_sequence = p["kv_kib"] * 1024 * p["context"] / 1e9
    steps = {"weights": weights, "free": free, "per_sequence": per_sequence, "ratio": free / per_sequence}
    return Solved(int(free / per_sequence), "", steps)


def verify(p: Params) -> float:
    """Admit sequences one by one, counting bytes, until the next would not fit."""
    left = p["memory"] * 10**7 * p["usable"] - int(p["billions"] * 2 * 10**9)
    count, each = 0, p["kv_kib"] * 1024 * p["context"]
    while left >= each:
        left -= each
        count += 1
    return float(count)


def accept(p: Params) -> bool:
    solved = solve(p)
    return 4 <= solved.value <= 2000 and 0.02 < solved.steps["ratio"] % 1 < 0.98


FAMILY = Family(
    id="i5-serving-concurrency",
    topic="I5",
    difficulty=3,
    stage=4,
    parameters={
        "model": [
            {"billions": 7, "kv_kib": 512},
            {"billions": 8, "kv_kib": 128},
            {"billions": 13, "kv_kib": 800},
            {"billions": 14, "kv_kib": 192},
            {"billions": 32, "kv_kib": 256},
        ],
        "memory": [24, 40, 48, 80, 96, 141],
        "usable": [85, 90, 92],
        "context": [1500, 2000, 3000, 4000, 6000, 8000],
    },
    accept=accept,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一张 {memory} GB(10^9 字节)的卡有 {usable}% 显存可用。{billions}B 的 16 位模型常驻，余下全部给 "
        "KV 缓存；KV 缓存每 token {kv_kib} KiB，每条请求平均占用 {context} 个 token。忽略碎片，最多同时容"
        "纳多少条请求？",
        en="A GPU with {memory} GB (10^9 bytes) has {usable}% of it usable. A 16-bit model of {billions}B "
        "parameters resides there, the rest is KV cache, which takes {kv_kib} KiB a token; a request "
        "holds {context} tokens on average. Fragmentation ignored, how many requests fit at the same "
        "time?",
    ),
    solution=Text(
        zh="权重 {billions} × 2 = {weights} GB，可用于 KV 的是 {memory} × {usable}% - {weights} = {free} GB"
        "。每条请求 {kv_kib} × 1024 × {context} 字节 = {per_sequence} GB。{free}/{per_sequence} = "
        "{ratio}，向下取整 {value} 条。",
        en="The weights take {billions} × 2 = {weights} GB and leave {memory} × {usable}% - {weights} = "
        "{free} GB. A request takes {kv_kib} × 1024 × {context} bytes = {per_sequence} GB. {free}/"
        "{per_sequence} = {ratio}, rounded down {value} requests.",
    ),
    tolerance=Tolerance("absolute", 0),
    low=4,
    high=2000,
    references=[Reference("Kwon et al. 2023, PagedAttention", "https://arxiv.org/abs/2309.06180")],
    also=["I1", "I2"],
)
