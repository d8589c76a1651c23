"""Active parameters of a mixture-of-experts model."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    expert = 3 * p["hidden"] * p["inner"]
    active = p["layers"] * (p["chosen"] + p["shared"]) * expert
    steps = {"expert_m": expert / 1e6, "experts_b": active / 1e9, "total_b": p["rest"] + active / 1e9}
    return Solved(p["rest"] * 1e9 + active, "parameter", steps)


def verify(p: Params) -> float:
    """Start from all experts and take away those that a token does not visit."""
    expert = p["hidden"] * p["inner"] * 3 / 1e9
    everything = p["rest"] + p["layers"] * (p["experts"] + p["shared"]) * expert
    return float(everything - p["layers"] * (p["experts"] - p["chosen"]) * expert) * 1e9


FAMILY = Family(
    id="f7-moe-active-parameters",
    topic="F7",
    difficulty=3,
    stage=3,
    parameters={
        "model": [
            {"layers": 32, "hidden": 4096, "inner": 14336, "rest": 1.6},
            {"layers": 28, "hidden": 2048, "inner": 1408, "rest": 1.0},
            {"layers": 48, "hidden": 2048, "inner": 768, "rest": 1.5},
            {"layers": 60, "hidden": 5120, "inner": 1536, "rest": 12},
            {"layers": 40, "hidden": 4096, "inner": 2048, "rest": 5},
        ],
        "experts": [8, 16, 64, 128],
        "chosen": [1, 2, 4, 6, 8],
        "shared": [0, 1, 2],
    },
    accept=lambda p: 2 * p["chosen"] <= p["experts"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一个 MoE 模型有 {layers} 层，隐藏维度 {hidden}。每层有 {experts} 个路由专家、每个 token 选 "
        "{chosen} 个，另有 {shared} 个共享专家（总是参与）。每个专家是 SwiGLU：三个 {hidden}×{inner} 的矩阵"
        "，无偏置。注意力、嵌入等其余参数共 {rest}B。每个 token 激活多少参数？",
        en="An MoE model has {layers} layers and hidden size {hidden}. Each layer has {experts} routed "
        "experts, of which {chosen} are chosen for a token; shared experts that always take part: "
        "{shared}. Every expert is a SwiGLU of three {hidden}×{inner} matrices without biases. "
        "Attention, embeddings and all else have {rest}B parameters. How many parameters are active "
        "for a token?",
    ),
    solution=Text(
        zh="一个专家：3 × {hidden} × {inner} = {expert_m}×10^6。每层参与 {chosen} + {shared} 个，{layers} 层"
        "共 {experts_b}B。加上其余 {rest}B，得 {total_b}B。总参数量与 {experts} 有关，激活量无关。",
        en="One expert: 3 × {hidden} × {inner} = {expert_m}×10^6. With {chosen} + {shared} of them in "
        "each of {layers} layers that is {experts_b}B. Adding the other {rest}B gives {total_b}B. The "
        "{experts} experts count for the total, not for what is active.",
    ),
    low=1e9,
    high=1.2e11,
    references=[
        Reference("Jiang et al. 2024, Mixtral of Experts", "https://arxiv.org/abs/2401.04088"),
        Reference("Dai et al. 2024, DeepSeekMoE (shared experts)", "https://arxiv.org/abs/2401.06066"),
    ],
)
