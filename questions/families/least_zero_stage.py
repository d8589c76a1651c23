"""The lowest ZeRO stage whose model states fit."""

from collections.abc import Sequence

from questions.families.base import Family, Option, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    shares = {0: 16.0, 1: 4 + 12 / p["gpus"], 2: 2 + 14 / p["gpus"], 3: 16 / p["gpus"]}
    sizes = {zero: p["billions"] * share for zero, share in shares.items()}
    least = min((zero for zero, size in sizes.items() if size <= p["room"]), default=4)
    return Solved(least, "", {f"size{zero}": size for zero, size in sizes.items()} | {"shown": least})


def verify(p: Params) -> float:
    """Shard one more part at a time, until it fits."""
    parameters = p["billions"] * 1e9
    for zero in range(4):
        held = [2, 2, 12]
        for part in (2, 1, 0)[:zero]:
            held[part] = held[part] / p["gpus"]
        if sum(held) * parameters <= p["room"] * 1e9:
            return float(zero)
    return 4.0


def _is_clear(p: Params) -> bool:
    """No stage may fit or fail by less than 3 %."""
    sizes = [solve(p).steps[f"size{zero}"] for zero in range(4)]
    return all(abs(size / p["room"] - 1) > 0.03 for size in sizes)


def options(p: Params, solved: Solved) -> Sequence[Option]:
    """Stages 1 to 3 and none; a stage is wrong because it does not fit, or because a lower one does."""
    found = []
    for zero in (1, 2, 3):
        size = f"{{size{zero}}}"
        if zero == solved.value:
            why = Text(
                f"每卡 {size} GB，放得下，而更低的阶段放不下。",
                f"{size} GB a GPU fits, and no lower stage does.",
            )
        elif zero < solved.value:
            why = Text(
                f"每卡 {size} GB，超过可用的 {{room}} GB。",
                f"{size} GB a GPU is more than the {{room}} GB at hand.",
            )
        else:
            why = Text(
                f"每卡 {size} GB 放得下，但更低的阶段已经够用，通信更少。",
                f"{size} GB fits, but a lower stage is enough and talks less.",
            )
        found.append(Option(Text(f"ZeRO 第 {zero} 阶段", f"ZeRO stage {zero}"), why, zero == solved.value))
    return [*found, _no_stage(solved)]


def _no_stage(solved: Solved) -> Option:
    if solved.value == 4:
        why = Text(
            "切分全部三部分后每卡仍有 {size3} GB，放不下。",
            "Even with all three parts sharded {size3} GB a GPU remain, too many.",
        )
    else:
        why = Text(
            "每卡可以降到 {size3} GB，放得下。", "It can be brought down to {size3} GB a GPU, which fits."
        )
    text = Text("三个阶段都不够，还要卸载或更多的卡", "No stage is enough: offload, or use more GPUs")
    return Option(text, why, solved.value == 4)


FAMILY = Family(
    id="w4-least-zero-stage",
    topic="W4",
    difficulty=3,
    stage=3,
    parameters={
        "billions": [3, 7, 8, 13, 14, 20, 32, 34, 70],
        "gpus": [4, 8, 16, 32],
        "room": [16, 20, 32, 40, 60, 64],
    },
    accept=lambda p: solve(p).value >= 1 and _is_clear(p),
    solve=solve,
    verify=verify,
    options=options,
    stem=Text(
        zh="bf16 混合精度 Adam(2 + 2 + 12 字节/参数)训练 {billions}B 模型，{gpus} 卡数据并行，每卡留给模型状"
        "态 {room} GB(10^9 字节)。不用卸载，最低需要哪个 ZeRO 阶段？",
        en="A {billions}B model is trained with bf16 mixed-precision Adam (2 + 2 + 12 bytes a parameter) "
        "on {gpus} data-parallel GPUs, each with {room} GB (10^9 bytes) left for model states. Without "
        "offloading, which is the lowest ZeRO stage that fits?",
    ),
    solution=Text(
        zh="每卡模型状态：不切分 {size0} GB，第 1 阶段 {size1} GB，第 2 阶段 {size2} GB，第 3 阶段 {size3} GB,"
        "与 {room} GB 比较即得。阶段越高省得越多；第 1、2 阶段的通信量与普通数据并行相同，第 3 阶段约为 "
        "1.5 倍。",
        en="Model states a GPU: unsharded {size0} GB, stage 1 {size1} GB, stage 2 {size2} GB, stage 3 "
        "{size3} GB; compare with {room} GB. Higher stages save more; stages 1 and 2 communicate as "
        "much as plain data parallelism, stage 3 about 1.5 times that.",
    ),
    low=1,
    high=4,
    references=[Reference("Rajbhandari et al. 2019, ZeRO", "https://arxiv.org/abs/1910.02054")],
)
