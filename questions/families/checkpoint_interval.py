"""Checkpoint interval by Young's formula."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    mtbf = p["node_days"] * 24 * 60 / p["nodes"]
    cost = p["cost"] / 60
    best = math.sqrt(2 * cost * mtbf)
    return Solved(
        best,
        "minute",
        {"mtbf": mtbf, "cost_minutes": cost, "overhead": 100 * (cost / best + best / (2 * mtbf))},
    )


def verify(p: Params) -> float:
    """Bisect for the interval where one second more saves as much writing as it adds recomputing."""
    mtbf = p["node_days"] * 86400 / p["nodes"]
    low, high = 1.0, 2 * mtbf
    for _ in range(200):
        middle = (low + high) / 2
        saved, added = p["cost"] / middle**2, 1 / (2 * mtbf)
        low, high = (middle, high) if saved > added else (low, middle)
    return float(low / 60)


FAMILY = Family(
    id="p6-young-checkpoint-interval",
    topic="P6",
    difficulty=3,
    stage=3,
    parameters={
        "nodes": [64, 128, 256, 512, 1024, 2048],
        "node_days": [200, 300, 500, 800, 1000],
        "cost": [20, 30, 45, 60, 90, 120],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="训练用 {nodes} 个节点，单个节点平均 {node_days} 天故障一次（相互独立），任一节点故障都要从最近的断"
        "点重来；写一次断点停顿 {cost} 秒。按 Young 公式，最优断点间隔是多少分钟？",
        en="Training runs on {nodes} nodes, each of which fails once in {node_days} days on average, "
        "independently; any failure sends the run back to its last checkpoint, and writing one pauses "
        "it for {cost} seconds. By Young's formula, what is the best interval between checkpoints in "
        "minutes?",
    ),
    solution=Text(
        zh="集群平均故障间隔 M = {node_days} × 1440 / {nodes} = {mtbf} 分钟，C = {cost_minutes} 分钟。最优"
        "间隔 sqrt(2CM) = sqrt(2 × {cost_minutes} × {mtbf}) = {value} 分钟，此时写断点与重算合计损失约 "
        "{overhead}%。节点翻四倍，间隔要减半。",
        en="The cluster's mean time between failures is M = {node_days} × 1440 / {nodes} = {mtbf} "
        "minutes, C = {cost_minutes} minutes. The best interval is sqrt(2CM) = sqrt(2 × {cost_minutes} "
        "× {mtbf}) = {value} minutes; writing and recomputing then lose about {overhead}% together. "
        "Four times the nodes halve the interval.",
    ),
    low=5,
    high=400,
    references=[
        Reference(
            "Young 1974, First order approximation to the optimum checkpoint interval",
            "https://doi.org/10.1145/361147.361115",
        ),
        Reference("Daly 2006, A higher order estimate", "https://doi.org/10.1016/j.future.2004.11.016"),
    ],
    audience=["experienced"],
)
