"""Optimiser steps of a fine-tuning run."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    kept = p["samples"] * (100 - p["held_out"]) // 100
    batch = p["gpus"] * p["micro"] * p["accumulate"]
    per_epoch = kept // batch
    steps = {"kept": kept, "batch": batch, "per_epoch": per_epoch, "left": kept - per_epoch * batch}
    return Solved(
        per_epoch * p["epochs"], "step", {**steps, "warmup": math.ceil(0.03 * per_epoch * p["epochs"])}
    )


def verify(p: Params) -> float:
    """Run the loop without training: hand out full batches, drop the rest, every epoch anew."""
    kept = p["samples"] - p["samples"] * p["held_out"] // 100
    steps = 0
    for _ in range(p["epochs"]):
        left = kept
        while left >= p["gpus"] * p["micro"] * p["accumulate"]:
            left -= p["gpus"] * p["micro"] * p["accumulate"]
            steps += 1
    return float(steps)


FAMILY = Family(
    id="s1-fine-tuning-steps",
    topic="S1",
    difficulty=1,
    stage=3,
    parameters={
        "samples": [20_000, 52_000, 75_000, 100_000, 240_000],
        "held_out": [1, 2, 5, 10],
        "gpus": [4, 8, 16],
        "micro": [1, 2, 4],
        "accumulate": [2, 4, 8],
        "epochs": [2, 3, 4],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="SFT 数据 {samples} 条，留出 {held_out}% 作验证。{gpus} 张卡，每卡微批 {micro} 条，梯度累积 "
        "{accumulate} 次，训练 {epochs} 个 epoch，每个 epoch 末尾不足一个全局批的样本丢弃。优化器一共更新"
        "多少步？",
        en="An SFT set has {samples} samples, {held_out}% held out for validation. {gpus} GPUs take "
        "micro-batches of {micro} and accumulate gradients over {accumulate}; training runs for "
        "{epochs} epochs, and samples short of a full global batch are dropped at the end of each. How "
        "many optimiser steps are there?",
    ),
    solution=Text(
        zh="训练样本 {kept} 条，全局批 {gpus} × {micro} × {accumulate} = {batch} 条。每个 epoch {per_epoch}"
        " 步（丢弃 {left} 条），乘 {epochs} 得 {value} 步。3% 预热约 {warmup} 步。",
        en="{kept} samples are left to train on; the global batch is {gpus} × {micro} × {accumulate} = "
        "{batch}. An epoch has {per_epoch} steps ({left} samples dropped), times {epochs} is {value}. "
        "A warm-up of 3% is about {warmup} steps.",
    ),
    tolerance=Tolerance("absolute", 0),
    low=50,
    high=100000,
    references=[Reference("Ouyang et al. 2022, InstructGPT", "https://arxiv.org/abs/2203.02155")],
)
