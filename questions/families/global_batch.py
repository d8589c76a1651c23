"""Tokens in a global batch under 3D parallelism."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    replicas = p["gpus"] // (p["tensor"] * p["pipe"])
    sequences = replicas * p["micro"] * p["steps"]
    return Solved(sequences * p["length"], "token", {"replicas": replicas, "sequences": sequences})


def verify(p: Params) -> float:
    """Walk over the ranks: only the first of each model-parallel group brings data."""
    group = p["tensor"] * p["pipe"]
    return float(sum(p["micro"] * p["steps"] * p["length"] for rank in range(p["gpus"]) if rank % group == 0))


FAMILY = Family(
    id="w9-global-batch-tokens",
    topic="W9",
    difficulty=2,
    stage=3,
    parameters={
        "gpus": [32, 64, 128, 256, 512, 1024],
        "tensor": [1, 2, 4, 8],
        "pipe": [1, 2, 4, 8],
        "micro": [1, 2, 4],
        "steps": [4, 8, 16, 32],
        "length": [2048, 4096, 8192],
    },
    accept=lambda p: p["gpus"] // (p["tensor"] * p["pipe"]) >= 2 and p["tensor"] * p["pipe"] > 1,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="{gpus} 张卡，张量并行 {tensor}，流水线并行 {pipe}，其余做数据并行。每个数据并行副本的微批为 "
        "{micro} 条序列，每步累积 {steps} 个微批，序列长 {length} 个 token。一个优化器步的全局批有多少 "
        "token?",
        en="{gpus} GPUs run tensor parallelism {tensor} and pipeline parallelism {pipe}, the rest is data "
        "parallel. Each replica takes micro-batches of {micro} sequences and accumulates {steps} of "
        "them; sequences have {length} tokens. How many tokens does one optimiser step see?",
    ),
    solution=Text(
        zh="数据并行度 {gpus} / ({tensor} × {pipe}) = {replicas}。每步 {replicas} × {micro} × {steps} = "
        "{sequences} 条序列，乘以 {length} 得 {value} 个 token。张量并行和流水线并行的卡共用同一份数据，"
        "不能再乘。",
        en="Data parallelism is {gpus} / ({tensor} × {pipe}) = {replicas}. A step sees {replicas} × "
        "{micro} × {steps} = {sequences} sequences, times {length} gives {value} tokens. GPUs of one "
        "tensor or pipeline group share their data and do not count again.",
    ),
    tolerance=Tolerance("relative", 0.001),
    low=1e4,
    high=1e9,
    references=[
        Reference("Narayanan et al. 2021, Megatron-LM on GPU clusters", "https://arxiv.org/abs/2104.04473"),
    ],
    also=["W1"],
)
