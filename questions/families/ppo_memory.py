"""Model states of the four models of PPO."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    trained = 16 * (p["policy"] + p["critic"])
    frozen = 2 * (p["policy"] + p["critic"])
    return Solved(trained + frozen, "GB", {"trained": trained, "frozen": frozen})


def verify(p: Params) -> float:
    """Model by model: (billions of parameters, bytes of weights, gradients, fp32 states)."""
    models = [
        (p["policy"], 2, 2, 12),
        (p["critic"], 2, 2, 12),
        (p["policy"], 2, 0, 0),
        (p["critic"], 2, 0, 0),
    ]
    return float(sum(size * 1e9 * sum(parts) for size, *parts in models) / 1e9)


FAMILY = Family(
    id="a3-ppo-four-model-memory",
    topic="A3",
    difficulty=3,
    stage=3,
    parameters={"policy": [1.5, 3, 7, 8, 13, 14, 32, 70], "critic": [0.5, 1.5, 3, 7, 8, 13, 14]},
    accept=lambda p: p["critic"] <= p["policy"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="PPO 训练时，策略与参考模型各 {policy}B 参数，评论家与奖励模型各 {critic}B 参数。训练的两个模型用"
        " bf16 混合精度 Adam（每参数 16 字节），冻结的两个只存 16 位权重。不切分、不卸载，四个模型的状态共"
        "占多少 GB(10^9 字节，不计激活与 KV 缓存)?",
        en="In a PPO run the policy and the reference model have {policy}B parameters each, the critic "
        "and the reward model {critic}B each. The two trained ones use Adam in bf16 mixed precision "
        "(16 bytes a parameter), the two frozen ones only keep 16-bit weights. Without sharding or "
        "offloading, how many GB (10^9 bytes) do the four take, activations and KV cache left out?",
    ),
    solution=Text(
        zh="训练的是策略和评论家：16 × ({policy} + {critic}) = {trained} GB；冻结的是参考模型和奖励模型：2 × "
        "({policy} + {critic}) = {frozen} GB。合计 {value} GB。大头是优化器状态，而不是多出来的两份权重"
        "。",
        en="Policy and critic are trained: 16 × ({policy} + {critic}) = {trained} GB. Reference and "
        "reward model are frozen: 2 × ({policy} + {critic}) = {frozen} GB. Together {value} GB. The "
        "optimiser states weigh most, not the two extra copies of weights.",
    ),
    low=10,
    high=1600,
    references=[
        Reference("Ouyang et al. 2022, InstructGPT", "https://arxiv.org/abs/2203.02155"),
        Reference("Rajbhandari et al. 2019, ZeRO", "https://arxiv.org/abs/1910.02054"),
    ],
    also=["A1", "S9"],
)
