"""Whether a decode step is bound by compute or by bandwidth, and by how much."""

from collections.abc import Sequence

from questions.families.base import Family, Option, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    compute = 2 * p["billions"] * p["batch"] / p["tflops"]
    memory = p["billions"] * p["bytes"] / p["bandwidth"] * 1000
    ridge = p["tflops"] * 1000 / p["bandwidth"]
    steps = {"compute": compute, "memory": memory, "ridge": ridge, "intensity": 2 * p["batch"] / p["bytes"]}
    return Solved(memory / compute, "", {**steps, "ratio": max(memory / compute, compute / memory)})


def verify(p: Params) -> float:
    """The ridge point of the GPU over the intensity of the step."""
    return float((p["tflops"] * 1e12) / (p["bandwidth"] * 1e9) / (2 * p["batch"] / p["bytes"]))


_BANDWIDTH = Text(
    "受显存带宽限制；加大批量几乎不增加每步时间",
    "Bound by memory bandwidth; a larger batch hardly lengthens the step",
)
_COMPUTE = Text(
    "受算力限制；加大批量会成比例地拉长每步时间",
    "Bound by compute; a larger batch lengthens the step in proportion",
)
_MIXED = (
    Option(
        Text(
            "受显存带宽限制；加大批量会成比例地拉长每步时间",
            "Bound by memory bandwidth; a larger batch lengthens the step in proportion",
        ),
        Text(
            "瓶颈与结论矛盾：受带宽限制时多算几条几乎是白送的。",
            "Bottleneck and consequence contradict: under a bandwidth limit further sequences are nearly "
            "free.",
        ),
        False,
    ),
    Option(
        Text(
            "受算力限制；加大批量几乎不增加每步时间",
            "Bound by compute; a larger batch hardly lengthens the step",
        ),
        Text(
            "瓶颈与结论矛盾：受算力限制时时间与批量成正比。",
            "Bottleneck and consequence contradict: under a compute limit time grows with the batch.",
        ),
        False,
    ),
)


def options(p: Params, solved: Solved) -> Sequence[Option]:
    """Bound by bandwidth or by compute, each with the consequence that follows and the one that does not."""
    times = Text(
        "计算 {compute} 毫秒，读权重 {memory} 毫秒。",
        "Computing takes {compute} ms, reading the weights {memory} ms.",
    )
    by_memory = solved.value > 1
    return [Option(_BANDWIDTH, times, by_memory), Option(_COMPUTE, times, not by_memory), *_MIXED]


FAMILY = Family(
    id="w10-roofline-decode",
    topic="W10",
    difficulty=3,
    stage=4,
    depth="diagnose",
    parameters={
        "billions": [7, 8, 13, 14],
        "batch": [1, 4, 16, 32, 64, 512, 1024, 2048],
        "weight": [{"bits": 8, "bytes": 1}, {"bits": 16, "bytes": 2}],
        "device": [
            {"gpu": "A100 80GB", "tflops": 312, "bandwidth": 2039},
            {"gpu": "H100 SXM", "tflops": 989, "bandwidth": 3350},
            {"gpu": "L40S", "tflops": 362, "bandwidth": 864},
        ],
    },
    accept=lambda p: solve(p).steps["ratio"] >= 1.5,
    solve=solve,
    verify=verify,
    options=options,
    stem=Text(
        zh="{billions}B 的稠密模型，权重每参数 {bits} 位，以 16 位计算，在 {gpu}（峰值 {tflops} TFLOP/s，带宽 "
        "{bandwidth} GB/s)上解码，批大小 {batch}。忽略 KV 缓存，按 roofline 判断，这一步处在什么状态？",
        en="A dense {billions}B model with {bits} bits a parameter computes in 16 bits on an {gpu} (peak "
        "{tflops} TFLOP/s, bandwidth {bandwidth} GB/s) and decodes at batch size {batch}. KV cache "
        "ignored, where does the roofline place this step?",
    ),
    solution=Text(
        zh="每步计算 2 × {billions}×10^9 × {batch} FLOP，需 {compute} 毫秒；读一遍权重需 {memory} 毫秒，较长"
        "者决定，相差 {ratio} 倍。等价地，强度 {intensity} FLOP/字节与转折点 {ridge} 比较。",
        en="A step computes 2 × {billions}×10^9 × {batch} FLOP, {compute} ms; reading the weights once "
        "takes {memory} ms. The longer decides, by a factor of {ratio}. In other words, compare the "
        "intensity {intensity} FLOP a byte with the ridge {ridge}.",
    ),
    low=0.01,
    high=1000,
    references=[Reference("Williams et al. 2009, Roofline", "https://doi.org/10.1145/1498765.1498785")],
    also=["I5"],
)
