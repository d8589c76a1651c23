"""KV blocks that a batch of requests takes."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    blocks = [math.ceil(length / p["block"]) for length in p["lengths"]]
    slots, used = sum(blocks) * p["block"], sum(p["lengths"])
    steps = {
        "terms": " + ".join(map(str, blocks)),
        "slots": slots,
        "used": used,
        "waste": 100 * (slots - used) / slots,
        "reserved": 100 * (1 - used / (len(blocks) * p["most"])),
    }
    return Solved(sum(blocks), "", steps)


def verify(p: Params) -> float:
    """Write token by token and take a new block whenever the last is full."""
    taken = 0
    for length in p["lengths"]:
        for token in range(length):
            taken += token % p["block"] == 0
    return float(taken)


def _requests(*lengths: int) -> dict[str, object]:
    return {"lengths": list(lengths), "listed": ", ".join(map(str, lengths)), "count": len(lengths)}


FAMILY = Family(
    id="i2-paged-kv-blocks",
    topic="I2",
    difficulty=2,
    stage=4,
    parameters={
        "requests": [
            _requests(130, 77, 512, 1019),
            _requests(45, 310, 260, 33, 901),
            _requests(1500, 220, 65),
            _requests(700, 18, 95, 333, 410, 128),
            _requests(97, 1203, 588),
            _requests(254, 255, 257, 640),
            _requests(62, 480, 1111, 39, 205),
            _requests(350, 875, 1430),
        ],
        "block": [8, 16, 32, 64],
        "most": [2048, 4096],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="PagedAttention 的块大小为 {block} 个 token。当前 {count} 条请求的长度（token）为 {listed}，没有共"
        "享前缀。一共占用多少个块？（最大长度设为 {most}）",
        en="PagedAttention uses blocks of {block} tokens. The {count} requests at work have {listed} "
        "tokens and share no prefix. How many blocks are taken in all? (The maximum length is set to "
        "{most}.)",
    ),
    solution=Text(
        zh="每条请求向上取整到整块：{terms} = {value} 块，共 {slots} 个位置，实际用 {used} 个，浪费 {waste}%,"
        "只在每条的最后一块里。若按最大长度 {most} 预留，浪费会是 {reserved}%。",
        en="Each request is rounded up to whole blocks: {terms} = {value} blocks, {slots} slots for {used}"
        " tokens, a waste of {waste}%, all of it in last blocks. Reserving {most} tokens for each "
        "would waste {reserved}%.",
    ),
    tolerance=Tolerance("absolute", 0),
    low=10,
    high=400,
    references=[Reference("Kwon et al. 2023, PagedAttention", "https://arxiv.org/abs/2309.06180")],
)
