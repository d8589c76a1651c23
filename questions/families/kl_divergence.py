"""KL divergence of policy and reference on one token."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    parts = [a / 100 * math.log(a / b) for a, b in zip(p["policy"], p["reference"], strict=True)]
    return Solved(sum(parts), "nat", {f"part{at}": part for at, part in enumerate(parts)})


def verify(p: Params) -> float:
    """Cross-entropy minus entropy."""
    policy, reference = ([share / 100 for share in p[name]] for name in ("policy", "reference"))
    cross = -sum(a * math.log(b) for a, b in zip(policy, reference, strict=True))
    entropy = -sum(a * math.log(a) for a in policy)
    return float(cross - entropy)


def _shares(name: str, *percents: int) -> dict[str, object]:
    return {name: list(percents), f"{name}_listed": ", ".join(f"{share / 100:.2f}" for share in percents)}


FAMILY = Family(
    id="a6-kl-of-two-distributions",
    topic="A6",
    difficulty=2,
    stage=3,
    parameters={
        "policy_of": [
            _shares("policy", *shares)
            for shares in ((70, 20, 10), (60, 30, 10), (80, 15, 5), (55, 25, 20), (75, 20, 5), (65, 20, 15))
        ],
        "reference_of": [
            _shares("reference", *shares)
            for shares in ((40, 40, 20), (50, 30, 20), (30, 45, 25), (45, 35, 20), (35, 35, 30), (50, 20, 30))
        ],
    },
    accept=lambda p: solve(p).value > 0.02,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="在某个位置上，只有三个候选 token，策略的概率为 {policy_listed}，参考模型为 {reference_listed}。"
        "KL（策略 ‖ 参考）是多少 nat?",
        en="At some position there are three candidate tokens, with probabilities {policy_listed} under "
        "the policy and {reference_listed} under the reference. What is KL(policy ‖ reference) in nats?",
    ),
    solution=Text(
        zh="Σ p·ln(p/q) = {part0} + ({part1}) + ({part2}) = {value} nat。单项可以为负，总和不会；换个方向 "
        "KL（参考 ‖ 策略）数值不同，RLHF 中惩罚的是前者。",
        en="Σ p·ln(p/q) = {part0} + ({part1}) + ({part2}) = {value} nats. Single terms may be negative, "
        "the sum never is; the other direction KL(reference ‖ policy) differs, and RLHF penalises the "
        "first.",
    ),
    tolerance=Tolerance("relative", 0.03),
    low=0.01,
    high=0.7,
    references=[Reference("Ouyang et al. 2022, InstructGPT", "https://arxiv.org/abs/2203.02155")],
)
