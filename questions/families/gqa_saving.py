"""Longest common context before and after grouping KV heads."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    before = 2 * p["layers"] * p["heads"] * p["head_size"] * 2
    after = before * p["groups"] // p["heads"]
    saved = (before - after) * p["tokens"] * p["batch"]
    return Solved(saved / 2**30, "GiB", {"before": before, "after": after, "apart": before - after})


def verify(p: Params) -> float:
    """Two caches, each summed over K and V, then subtracted."""
    sizes = [
        sum(p["layers"] * heads * p["head_size"] * p["tokens"] * p["batch"] * 2 for _ in ("K", "V")) / 2**30
        for heads in (p["heads"], p["groups"])
    ]
    return float(sizes[0] - sizes[1])


FAMILY = Family(
    id="f2-gqa-cache-saving",
    topic="F2",
    difficulty=2,
    stage=4,
    parameters={
        "model": [
            {"layers": 32, "heads": 32, "head_size": 128},
            {"layers": 40, "heads": 40, "head_size": 128},
            {"layers": 80, "heads": 64, "head_size": 128},
            {"layers": 60, "heads": 56, "head_size": 128},
        ],
        "groups": [1, 2, 4, 8],
        "tokens": [4096, 8192, 16384, 32768],
        "batch": [4, 8, 16, 32],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型有 {layers} 层、{heads} 个查询头、头维度 {head_size},KV 缓存为 16 位。把多头注意力（KV 头数"
        "等于查询头数)改成 {groups} 个 KV 头的 GQA，在批大小 {batch}、每条 {tokens} 个 token 时，KV 缓存"
        "少占多少 GiB?",
        en="A model has {layers} layers, {heads} query heads of size {head_size} and a 16-bit KV cache. "
        "Multi-head attention (as many KV heads as query heads) is replaced by GQA; KV heads kept: "
        "{groups}. At batch size {batch} with {tokens} tokens each, how many GiB of KV cache does that "
        "save?",
    ),
    solution=Text(
        zh="每个 token：原来 2 × {layers} × {heads} × {head_size} × 2 = {before} 字节，现在 2 × {layers} × "
        "{groups} × {head_size} × 2 = {after} 字节，少 {apart} 字节。乘以 {batch} × {tokens} 个 token，再"
        "除以 2^30，为 {value} GiB。查询头数不变，计算量几乎不变。",
        en="A token took 2 × {layers} × {heads} × {head_size} × 2 = {before} bytes and now takes 2 × "
        "{layers} × {groups} × {head_size} × 2 = {after}, {apart} fewer. Times {batch} × {tokens} "
        "tokens, divided by 2^30: {value} GiB. The query heads stay, so compute hardly changes.",
    ),
    tolerance=Tolerance("relative", 0.02),
    low=5,
    high=2600,
    references=[Reference("Ainslie et al. 2023, GQA", "https://arxiv.org/abs/2305.13245")],
    also=["I1"],
)
