"""Time of a ring all-reduce of the gradients."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    size = p["billions"] * p["bytes"]
    sent = 2 * (p["gpus"] - 1) / p["gpus"] * size
    return Solved(sent / p["bandwidth"] * 1000, "ms", {"size": size, "sent": sent})


def verify(p: Params) -> float:
    """Step through the ring: N-1 steps of reduce-scatter and N-1 of all-gather, a chunk of 1/N each."""
    chunk = p["billions"] * 1e9 * p["bytes"] / p["gpus"]
    step_seconds = chunk / (p["bandwidth"] * 1e9)
    return float(sum(step_seconds for _ in range(2 * (p["gpus"] - 1))) * 1000)


FAMILY = Family(
    id="w8-ring-all-reduce-time",
    topic="W8",
    difficulty=3,
    stage=3,
    parameters={
        "billions": [0.35, 1.3, 3, 7, 8, 13, 14],
        "bytes": [2, 4],
        "gpus": [4, 8, 16, 32, 64, 128],
        "bandwidth": [12.5, 25, 50, 100, 200, 300],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="{gpus} 张卡用环形 all-reduce 同步 {billions}B 个梯度，每个 {bytes} 字节。每张卡的单向可用带宽 "
        "{bandwidth} GB/s，忽略延迟，不与计算重叠。需要多少毫秒？",
        en="{gpus} GPUs run a ring all-reduce over {billions}B gradients of {bytes} bytes each. Every GPU "
        "sends at {bandwidth} GB/s; latency is ignored and nothing overlaps with compute. How many "
        "milliseconds does it take?",
    ),
    solution=Text(
        zh="梯度共 {size} GB。环形 all-reduce 由 reduce-scatter 和 all-gather 组成，每张卡共发送 2(N-1)/N "
        "× {size} = {sent} GB。{sent} / {bandwidth} 秒 = {value} 毫秒。N 较大时通信量趋于 2 倍数据量，与"
        "卡数几乎无关。",
        en="The gradients are {size} GB. A ring all-reduce is a reduce-scatter and an all-gather, in "
        "which each GPU sends 2(N-1)/N × {size} = {sent} GB. {sent} / {bandwidth} s = {value} ms. For "
        "large N the volume tends to twice the data, almost independent of N.",
    ),
    low=2,
    high=10000,
    references=[
        Reference(
            "Patarasuk and Yuan 2009, Bandwidth optimal all-reduce",
            "https://doi.org/10.1016/j.jpdc.2008.09.002",
        ),
    ],
    also=["W1"],
)
