"""Idle share of a pipeline (GPipe or non-interleaved 1F1B)."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    idle, all_slots = p["stages"] - 1, p["micro"] + p["stages"] - 1
    return Solved(100 * idle / all_slots, "percent", {"idle": idle, "all_slots": all_slots})


def verify(p: Params) -> float:
    """Draw the forward schedule: stage s works on micro-batch m in slot s + m; count empty cells."""
    busy = {(stage, stage + micro) for stage in range(p["stages"]) for micro in range(p["micro"])}
    slots = 1 + max(slot for _, slot in busy)
    return float(100 * (1 - len(busy) / (p["stages"] * slots)))


FAMILY = Family(
    id="w3-pipeline-bubble",
    topic="W3",
    difficulty=2,
    stage=3,
    parameters={"stages": [2, 4, 8, 12, 16, 32], "micro": [4, 8, 16, 24, 32, 64, 128]},
    accept=lambda p: p["micro"] >= p["stages"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="流水线并行有 {stages} 级，每个全局批切成 {micro} 个微批，用 GPipe 调度（各级耗时相同，忽略通信）。"
        "一步之中每个设备空闲的时间占多少百分比？",
        en="Pipeline parallelism with {stages} stages splits each global batch into {micro} micro-batches "
        "under the GPipe schedule (equal stages, no communication). What percentage of a step is each "
        "device idle?",
    ),
    solution=Text(
        zh="前向（和反向）各需 m + p - 1 = {micro} + {stages} - 1 = {all_slots} 个时隙，每个设备只忙 {micro} "
        "个，空闲 p - 1 = {idle} 个：{idle}/{all_slots} = {value}%。若以有效计算时间为分母，则是 （p-1）/m,"
        "两种说法不要混用。",
        en="The forward pass (and the backward pass) takes m + p - 1 = {micro} + {stages} - 1 = "
        "{all_slots} slots, in which a device works for {micro} and idles for p - 1 = {idle}: {idle}/"
        "{all_slots} = {value}%. Relative to the useful time it would be (p-1)/m; do not mix the two.",
    ),
    low=0.7,
    high=50,
    references=[
        Reference("Huang et al. 2018, GPipe", "https://arxiv.org/abs/1811.06965"),
        Reference("Narayanan et al. 2021, Megatron-LM on GPU clusters", "https://arxiv.org/abs/2104.04473"),
    ],
)
