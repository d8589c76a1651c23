"""Expected tokens per step of speculative decoding."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    alpha, drafts = p["accepted"] / 100, p["drafts"]
    power = alpha ** (drafts + 1)
    return Solved((1 - power) / (1 - alpha), "token", {"alpha": alpha, "power": power, "next": drafts + 1})


def verify(p: Params) -> float:
    """Expectation over the first rejected draft: k accepted drafts and the token the large model adds."""
    alpha, drafts = p["accepted"] / 100, p["drafts"]
    stopped = sum((k + 1) * alpha**k * (1 - alpha) for k in range(drafts))
    return float(stopped + (drafts + 1) * alpha**drafts)


FAMILY = Family(
    id="i6-speculative-tokens-per-step",
    topic="I6",
    difficulty=3,
    stage=4,
    parameters={"accepted": [50, 55, 60, 65, 70, 75, 80, 85, 90], "drafts": [2, 3, 4, 5, 6, 7, 8]},
    solve=solve,
    verify=verify,
    stem=Text(
        zh="投机解码每轮由小模型起草 {drafts} 个 token，每个草稿被接受的概率为 {accepted}%（相互独立）。大模"
        "型验证一次，期望能得到多少个 token?",
        en="In speculative decoding a small model drafts {drafts} tokens a round, each accepted with "
        "probability {accepted}% independently. How many tokens does one verification by the large "
        "model yield on average?",
    ),
    solution=Text(
        zh="第一个被拒的位置由大模型补一个 token，全部接受时再多得一个，所以期望是 1 + α + … + α^{drafts} = "
        "(1 - α^{next})/(1 - α) = (1 - {power})/(1 - {alpha}) = {value}。它是加速比的上界，还要扣除起草"
        "的时间。",
        en="At the first rejection the large model supplies a token, and if all are accepted it adds one "
        "more, so the mean is 1 + α + … + α^{drafts} = (1 - α^{next})/(1 - α) = (1 - {power})/(1 - "
        "{alpha}) = {value}. It bounds the speed-up; the time of drafting is still to be paid.",
    ),
    low=1.5,
    high=7,
    references=[Reference("Leviathan et al. 2022, Speculative Decoding", "https://arxiv.org/abs/2211.17192")],
)
