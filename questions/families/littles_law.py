"""Replicas needed for a load, by Little's law."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    latency = p["first"] / 1000 + p["tokens"] * p["each"] / 1000
    in_flight = p["rate"] * latency
    usable = p["slots"] * p["target"] / 100
    steps = {"latency": latency, "in_flight": in_flight, "usable": usable, "ratio": in_flight / usable}
    return Solved(math.ceil(in_flight / usable), "", steps)


def verify(p: Params) -> float:
    """Add replicas until the load of each stays under its target."""
    busy_ms = p["rate"] * (p["first"] + p["tokens"] * p["each"])
    replicas = 1
    while busy_ms * 100 > replicas * p["slots"] * p["target"] * 1000:
        replicas += 1
    return float(replicas)


FAMILY = Family(
    id="i5-littles-law-replicas",
    topic="I5",
    difficulty=2,
    stage=4,
    parameters={
        "rate": [8, 12, 20, 35, 50, 80],
        "first": [300, 400, 600, 900],
        "tokens": [150, 250, 400],
        "each": [18, 22, 30, 40],
        "slots": [16, 24, 32, 48, 64],
        "target": [60, 70, 80],
    },
    accept=lambda p: solve(p).value >= 2 and 0.02 < solve(p).steps["ratio"] % 1 < 0.98,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="平均每秒到达 {rate} 个请求，首 token {first} 毫秒，之后平均输出 {tokens} 个 token、每个 {each} "
        "毫秒。每个副本最多并行 {slots} 个请求，目标利用率不超过 {target}%。按 Little 定律至少需要多少个"
        "副本？",
        en="{rate} requests arrive a second; the first token takes {first} ms, then {tokens} tokens "
        "follow at {each} ms each on average. A replica serves at most {slots} requests at once and "
        "shall be at most {target}% busy. By Little's law, how many replicas are needed at least?",
    ),
    solution=Text(
        zh="单次时延 {latency} 秒。在途请求 L = λW = {rate} × {latency} = {in_flight}。每个副本按目标可用 "
        "{slots} × {target}% = {usable} 个并发，{in_flight}/{usable} = {ratio}，向上取整 {value} 个。",
        en="A request takes {latency} s. In flight: L = λW = {rate} × {latency} = {in_flight}. A replica "
        "may hold {slots} × {target}% = {usable}, so {in_flight}/{usable} = {ratio}, rounded up {value}"
        ".",
    ),
    tolerance=Tolerance("absolute", 0),
    low=2,
    high=200,
    references=[Reference("Little 1961, L = λW", "https://doi.org/10.1287/opre.9.3.383")],
    also=["U12", "I8"],
)
