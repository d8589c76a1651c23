"""Size of the nucleus in top-p sampling."""

from itertools import accumulate

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def _softened(shares: list[int]) -> dict[str, object]:
    return {"shares": shares, "listed": ", ".join(f"{share / 100:.2f}" for share in shares)}


def solve(p: Params) -> Solved:
    running = list(accumulate(p["shares"]))
    count = next(at for at, total in enumerate(running, 1) if total >= p["percent"])
    before = running[count - 2] / 100 if count > 1 else 0.0
    return Solved(
        count, "token", {"p": p["percent"] / 100, "reached": running[count - 1] / 100, "before": before}
    )


def verify(p: Params) -> float:
    """Take tokens away from the tail as long as the rest still reaches p."""
    kept = list(p["shares"])
    while sum(kept[:-1]) >= p["percent"]:
        kept.pop()
    return float(len(kept))


FAMILY = Family(
    id="i7-top-p-set-size",
    topic="I7",
    difficulty=1,
    stage=1,
    parameters={
        "distribution": [
            _softened([42, 21, 13, 8, 6, 4, 3, 2, 1]),
            _softened([61, 14, 9, 6, 4, 3, 2, 1]),
            _softened([25, 19, 16, 12, 9, 7, 5, 4, 3]),
            _softened([34, 27, 11, 9, 7, 5, 4, 2, 1]),
            _softened([18, 16, 14, 13, 11, 9, 8, 6, 5]),
            _softened([77, 8, 5, 4, 3, 2, 1]),
            _softened([29, 28, 14, 10, 8, 5, 3, 2, 1]),
            _softened([52, 17, 11, 8, 5, 3, 2, 2]),
        ],
        "percent": [50, 60, 70, 75, 80, 85, 90, 95],
    },
    accept=lambda p: p["percent"] not in accumulate(p["shares"]) and p["shares"][0] < p["percent"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="下一个 token 的概率从大到小为 {listed}（已列全）。top-p 采样取 p = {percent}%，候选集合有多少个 "
        "token?",
        en="The probabilities of the next token are, in descending order and complete, {listed}. With "
        "top-p sampling at p = {percent}%, how many tokens are in the candidate set?",
    ),
    solution=Text(
        zh="从大到小累加，取累计概率首次达到 {p} 的最小集合：前一个位置只有 {before}，加上这一个到 {reached},"
        "所以共 {value} 个 token，随后在集合内重新归一化。",
        en="Add from the largest on until the sum first reaches {p}: one token earlier it is only {before}"
        ", with this one {reached}. So {value} tokens, renormalised among themselves.",
    ),
    tolerance=Tolerance("absolute", 0),
    low=2,
    high=9,
    references=[
        Reference("Holtzman et al. 2019, Neural Text Degeneration", "https://arxiv.org/abs/1904.09751")
    ],
)
