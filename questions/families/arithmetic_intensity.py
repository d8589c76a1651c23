"""Arithmetic intensity of a matrix product."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    flop = 2 * p["m"] * p["n"] * p["k"]
    moved = p["bytes"] * (p["m"] * p["k"] + p["k"] * p["n"] + p["m"] * p["n"])
    return Solved(flop / moved, "FLOP/byte", {"flop": flop, "moved": moved})


def verify(p: Params) -> float:
    """2 over the bytes, divided by the sum of the reciprocals of the three sizes."""
    return float(2 / p["bytes"] / (1 / p["m"] + 1 / p["n"] + 1 / p["k"]))


FAMILY = Family(
    id="w10-gemm-arithmetic-intensity",
    topic="W10",
    difficulty=2,
    stage=4,
    parameters={
        "m": [1, 4, 16, 64, 256, 1024, 4096],
        "n": [4096, 5120, 8192, 11008],
        "k": [4096, 5120, 8192],
        "element": [{"bits": 8, "bytes": 1}, {"bits": 16, "bytes": 2}],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="矩阵乘 （{m}×{k}）·({k}×{n})，每个元素 {bits} 位，两个输入各读一次、输出写一次。算术强度是多少 "
        "FLOP/字节？",
        en="In the product ({m}×{k})·({k}×{n}) with elements of {bits} bits, both inputs are read once "
        "and the output is written once. What is the arithmetic intensity in FLOP per byte?",
    ),
    solution=Text(
        zh="计算量 2 × {m} × {n} × {k} = {flop} FLOP。搬运 {bytes} × ({m}×{k} + {k}×{n} + {m}×{n}) = "
        "{moved} 字节。两者之比 {value}。解码时 m 就是批大小，强度约等于 2m/字节数，所以小批量受带宽限制"
        "。",
        en="The work is 2 × {m} × {n} × {k} = {flop} FLOP, the traffic {bytes} × ({m}×{k} + {k}×{n} + {m}×"
        "{n}) = {moved} bytes; the ratio is {value}. In decoding m is the batch size and the intensity "
        "about 2m over the bytes, so small batches are bound by bandwidth.",
    ),
    low=0.5,
    high=5000,
    references=[Reference("Williams et al. 2009, Roofline", "https://doi.org/10.1145/1498765.1498785")],
    also=["I5"],
)
