"""DPO loss of one preference pair."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    chosen, rejected = p["chosen"] - p["chosen_ref"], p["rejected"] - p["rejected_ref"]
    margin = p["beta"] * (chosen - rejected)
    chance = 1 / (1 + math.exp(-margin))
    return Solved(-math.log(chance), "", {"up": chosen, "down": rejected, "margin": margin, "chance": chance})


def verify(p: Params) -> float:
    """softplus(-margin), with the margin from ratios of policy and reference odds."""
    policy = p["chosen"] - p["rejected"]
    reference = p["chosen_ref"] - p["rejected_ref"]
    return math.log1p(math.exp(-p["beta"] * (policy - reference)))


FAMILY = Family(
    id="a4-dpo-loss",
    topic="A4",
    difficulty=3,
    stage=3,
    parameters={
        "chosen": [-42.0, -45.5, -48.0, -51.0],
        "chosen_ref": [-46.0, -49.5, -52.0],
        "rejected": [-60.0, -57.5, -63.0],
        "rejected_ref": [-56.0, -54.5, -59.0],
        "beta": [0.05, 0.1, 0.2, 0.3],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一对偏好样本：被选回答的对数概率，策略 {chosen}、参考 {chosen_ref}；被拒回答，策略 {rejected}、参"
        "考 {rejected_ref}。β = {beta}。这一对的 DPO 损失是多少（自然对数）？",
        en="In a preference pair the chosen answer has log-probability {chosen} under the policy and "
        "{chosen_ref} under the reference, the rejected one {rejected} and {rejected_ref}. β = {beta}. "
        "What is the DPO loss of this pair (natural logarithm)?",
    ),
    solution=Text(
        zh="被选的对数比 {chosen} - ({chosen_ref}) = {up}，被拒的 {rejected} - ({rejected_ref}) = {down}。"
        "隐式奖励差 β × ({up} - ({down})) = {margin},σ = {chance}，损失 -ln σ = {value}。差为 0 时损失是"
        " ln 2 = 0.693。",
        en="The log-ratio of the chosen answer is {chosen} - ({chosen_ref}) = {up}, of the rejected "
        "{rejected} - ({rejected_ref}) = {down}. The margin of implicit rewards is β × ({up} - ({down}"
        ")) = {margin}, σ = {chance}, the loss -ln σ = {value}. At margin 0 it is ln 2 = 0.693.",
    ),
    tolerance=Tolerance("relative", 0.03),
    low=0.005,
    high=1.5,
    references=[Reference("Rafailov et al. 2023, DPO", "https://arxiv.org/abs/2305.18290")],
)
