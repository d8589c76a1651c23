"""Number of overlapping chunks of a document."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    stride = p["size"] - p["overlap"]
    rest = p["length"] - p["size"]
    return Solved(1 + math.ceil(rest / stride), "", {"stride": stride, "rest": rest, "ratio": rest / stride})


def verify(p: Params) -> float:
    """Cut the document and count."""
    chunks, start = 1, 0
    while start + p["size"] < p["length"]:
        start += p["size"] - p["overlap"]
        chunks += 1
    return float(chunks)


FAMILY = Family(
    id="u2-chunk-count",
    topic="U2",
    difficulty=1,
    stage=2,
    parameters={
        "length": [3_700, 12_500, 24_300, 48_000, 96_250, 150_000],
        "size": [256, 300, 400, 512, 800, 1000],
        "overlap": [0, 32, 50, 64, 100, 128],
    },
    accept=lambda p: (
        p["overlap"] * 3 <= p["size"] and (p["length"] - p["size"]) % (p["size"] - p["overlap"]) != 0
    ),
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一篇 {length} 个 token 的文档，按每块 {size} 个 token、相邻块重叠 {overlap} 个 token 切分，最后"
        "一块可以不满。一共切成多少块？",
        en="A document of {length} tokens is cut into chunks of {size} tokens, neighbours overlapping by "
        "{overlap}; the last chunk may be shorter. How many chunks are there?",
    ),
    solution=Text(
        zh="第一块覆盖 {size} 个 token，之后每块只前进 {size} - {overlap} = {stride} 个。剩余 {length} - "
        "{size} = {rest} 个，{rest}/{stride} = {ratio}，向上取整后加 1，得 {value} 块。",
        en="The first chunk covers {size} tokens, each further one moves on by {size} - {overlap} = "
        "{stride}. {length} - {size} = {rest} tokens remain; {rest}/{stride} = {ratio}, rounded up "
        "plus 1 is {value} chunks.",
    ),
    tolerance=Tolerance("absolute", 0),
    low=3,
    high=1000,
    references=[
        Reference("LangChain, Text splitters", "https://python.langchain.com/docs/concepts/text_splitters/"),
    ],
    also=["U1"],
)
