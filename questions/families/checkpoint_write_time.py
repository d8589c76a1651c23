"""Size and writing time of a training checkpoint."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    size = p["billions"] * 14
    bandwidth = min(p["writers"] * p["each"], p["store"])
    return Solved(
        size / bandwidth, "s", {"size": size, "offered": p["writers"] * p["each"], "bandwidth": bandwidth}
    )


def verify(p: Params) -> float:
    """The slower of the nodes and the store, for weights, master copy and two moments."""
    gigabytes = sum(p["billions"] * part for part in (2, 4, 4, 4))
    return float(max(gigabytes / p["writers"] / p["each"], gigabytes / p["store"]))


FAMILY = Family(
    id="p6-checkpoint-write-time",
    topic="P6",
    difficulty=2,
    stage=3,
    parameters={
        "billions": [7, 8, 13, 32, 70, 175, 405],
        "writers": [4, 8, 16, 32, 64],
        "each": [0.5, 1, 2, 3],
        "store": [10, 20, 40, 80],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="{billions}B 模型的断点保存 bf16 权重（2 字节）、fp32 主参数（4 字节）和 Adam 两个动量（各 4 字节），"
        "不存梯度。{writers} 个节点并行写，每个 {each} GB/s，共享存储总上限 {store} GB/s。写一次需要多少"
        "秒？",
        en="A checkpoint of a {billions}B model holds bf16 weights (2 bytes), fp32 master weights (4) and "
        "Adam's two moments (4 each), no gradients. {writers} nodes write in parallel at {each} GB/s "
        "each; the shared store takes at most {store} GB/s. How many seconds does one checkpoint take?",
    ),
    solution=Text(
        zh="每参数 2 + 4 + 4 + 4 = 14 字节，共 {billions} × 14 = {size} GB。节点合计 {writers} × {each} = "
        "{offered} GB/s，实际写入 {bandwidth} GB/s。{size} / {bandwidth} = {value} 秒。先拷到主机内存再"
        "异步写，可以把停顿缩短到拷贝的时间。",
        en="Each parameter takes 2 + 4 + 4 + 4 = 14 bytes, {billions} × 14 = {size} GB in all. The nodes "
        "offer {writers} × {each} = {offered} GB/s, of which {bandwidth} GB/s get through. {size} / "
        "{bandwidth} = {value} s. Copying to host memory first and writing asynchronously shortens the "
        "pause to the copy.",
    ),
    low=1,
    high=3000,
    references=[
        Reference("Rajbhandari et al. 2019, ZeRO", "https://arxiv.org/abs/1910.02054"),
        Reference("Grattafiori et al. 2024, The Llama 3 Herd of Models", "https://arxiv.org/abs/2407.21783"),
    ],
    audience=["experienced"],
    also=["W9"],
)
