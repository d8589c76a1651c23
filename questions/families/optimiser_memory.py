"""Training states under different optimisers."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    each = 2 + p["gradient"] + p["master"] + p["moments"]
    return Solved(p["billions"] * each, "GB", {"each": each})


def verify(p: Params) -> float:
    """Start from the 16 bytes of mixed-precision Adam and take away what this set-up saves."""
    saved = (2 - p["gradient"]) + (4 - p["master"]) + (8 - p["moments"])
    return float(p["billions"] * 16 - p["billions"] * saved)


FAMILY = Family(
    id="s9-optimiser-memory",
    topic="S9",
    difficulty=2,
    stage=3,
    parameters={
        "billions": [0.5, 1.5, 3, 7, 8, 13, 14, 32],
        "gradient": [2, 4],
        "setup": [
            {
                "master": 4,
                "moments": 8,
                "name_zh": "Adam，两个 fp32 动量，保留 fp32 主参数",
                "name_en": "Adam with two fp32 moments and fp32 master weights",
            },
            {
                "master": 4,
                "moments": 2,
                "name_zh": "8 位 Adam，两个 8 位动量（忽略块常数），保留 fp32 主参数",
                "name_en": "8-bit Adam with two 8-bit moments (block constants ignored) and fp32 master weights",
            },
            {
                "master": 0,
                "moments": 4,
                "name_zh": "纯 bf16 的 Adam，两个 bf16 动量，没有主参数",
                "name_en": "pure bf16 Adam with two bf16 moments and no master weights",
            },
            {
                "master": 4,
                "moments": 4,
                "name_zh": "带动量的 SGD，一个 fp32 动量，保留 fp32 主参数",
                "name_en": "SGD with one fp32 momentum and fp32 master weights",
            },
            {
                "master": 0,
                "moments": 2,
                "name_zh": "8 位 Adam，两个 8 位动量（忽略块常数），没有主参数",
                "name_en": "8-bit Adam with two 8-bit moments (block constants ignored) and no master weights",
            },
        ],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="全参微调 {billions}B 模型：权重 bf16，梯度每个 {gradient} 字节，优化器：{name_zh}。模型状态共多少 "
        "GB(10^9 字节，不计激活)?",
        en="A {billions}B model is fully fine-tuned: bf16 weights, gradients of {gradient} bytes each, "
        "optimiser {name_en}. How many GB (10^9 bytes) are the model states, activations left out?",
    ),
    solution=Text(
        zh="每个参数：权重 2 + 梯度 {gradient} + 主参数 {master} + 动量 {moments} = {each} 字节。{billions}"
        " × {each} = {value} GB。去掉主参数省显存，但小更新会被 bf16 舍掉。",
        en="A parameter takes 2 for the weight + {gradient} gradient + {master} master + {moments} "
        "moments = {each} bytes. {billions} × {each} = {value} GB. Dropping master weights saves "
        "memory, but bf16 rounds small updates away.",
    ),
    low=2,
    high=600,
    references=[
        Reference("Rajbhandari et al. 2019, ZeRO", "https://arxiv.org/abs/1910.02054"),
        Reference("Dettmers et al. 2021, 8-bit Optimizers", "https://arxiv.org/abs/2110.02861"),
    ],
    also=["P7"],
)
