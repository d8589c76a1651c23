"""Share of padding in a batch that is not packed."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    lengths = p["lengths"]
    cells, used = len(lengths) * max(lengths), sum(lengths)
    return Solved(
        100 * (cells - used) / cells, "percent", {"cells": cells, "used": used, "longest": max(lengths)}
    )


def verify(p: Params) -> float:
    """Mean over the rows of the share of each that is padding."""
    longest = sorted(p["lengths"])[-1]
    return float(sum((longest - length) / longest for length in p["lengths"]) / len(p["lengths"]) * 100)


def _batch(*lengths: int) -> dict[str, object]:
    return {"lengths": list(lengths), "listed": ", ".join(map(str, lengths)), "count": len(lengths)}


FAMILY = Family(
    id="d7-padding-waste",
    topic="D7",
    difficulty=1,
    stage=3,
    parameters={
        "batch": [
            _batch(*lengths)
            for lengths in (
                *((120, 340, 75, 910, 260, 480, 150, 64), (512, 87, 230, 401, 66, 138), (1024, 96, 310, 220)),
                *(
                    (700, 655, 142, 88, 390),
                    (2048, 312, 95, 480, 126, 233, 71, 540),
                    (260, 255, 80, 31, 144, 97),
                ),
                *((1500, 420, 380, 77), (300, 48, 52, 61, 250, 144, 90, 33), (820, 130, 640, 77, 205, 410)),
                *((96, 512, 480, 33, 75), (4096, 700, 1200, 350), (640, 100, 90, 85, 80, 75, 70, 65)),
                *((333, 444, 55, 66, 77), (900, 850, 120, 60), (1280, 256, 64, 512, 128), (50, 75, 400, 125)),
                *((2000, 150, 175, 1100, 90, 60), (610, 95, 240, 330, 44, 180), (768, 700, 120, 90, 60)),
                *(
                    (140, 95, 880, 410, 60, 75, 530),
                    (1750, 600, 90, 240),
                    (72, 380, 365, 48, 51),
                    (990, 45, 60, 520),
                ),
            )
        ],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一个批有 {count} 条样本，长度（token）依次为 {listed}，全部填充到最长的一条。填充占全部位置的百分"
        "之几？",
        en="A batch of {count} samples with lengths (tokens) {listed} is padded to the longest. What "
        "percentage of all positions is padding?",
    ),
    solution=Text(
        zh="位置总数 {count} × {longest} = {cells}，有效 {used}。（{cells} - {used}）/{cells} = {value}%。把"
        "多条拼成一条（打包）并用分块掩码和重置的位置编号，可以几乎消除这部分浪费。",
        en="There are {count} × {longest} = {cells} positions, {used} of them real. ({cells} - {used})/"
        "{cells} = {value}%. Packing several samples into one row, with block masks and reset "
        "positions, removes nearly all of it.",
    ),
    tolerance=Tolerance("absolute", 0.5),
    low=20,
    high=90,
    references=[
        Reference("Krell et al. 2021, Efficient Sequence Packing", "https://arxiv.org/abs/2107.02027")
    ],
    also=["S1"],
)
