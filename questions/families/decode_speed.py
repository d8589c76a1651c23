"""Upper bound of decoding speed by memory bandwidth."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    weights = p["billions"] * p["bits"] / 8
    read = weights + p["cache"]
    return Solved(p["bandwidth"] / read, "token/s", {"weights": weights, "read": read})


def verify(p: Params) -> float:
    """Time to stream every byte once, inverted."""
    seconds = (p["billions"] * 1e9 * p["bits"] / 8 + p["cache"] * 1e9) / (p["bandwidth"] * 1e9)
    return float(1 / seconds)


FAMILY = Family(
    id="i8-decode-speed-by-bandwidth",
    topic="I8",
    difficulty=2,
    stage=4,
    parameters={
        "billions": [1.5, 3, 7, 8, 13, 14, 32],
        "bits": [16, 8, 4],
        "cache": [0.5, 1, 2, 4],
        "device": [
            {"gpu": "A100 80GB", "memory": 80, "bandwidth": 2039},
            {"gpu": "H100 SXM", "memory": 80, "bandwidth": 3350},
            {"gpu": "RTX 4090", "memory": 24, "bandwidth": 1008},
            {"gpu": "L40S", "memory": 48, "bandwidth": 864},
            {"gpu": "A10", "memory": 24, "bandwidth": 600},
        ],
    },
    accept=lambda p: solve(p).steps["read"] <= 0.9 * p["memory"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="{billions}B 参数的模型以每参数 {bits} 位存放，在 {gpu}（显存带宽 {bandwidth} GB/s）上单条序列解码"
        "，此时 KV 缓存为 {cache} GB。解码受带宽限制，每个 token 要读一遍全部权重和 KV 缓存。理论上限是每"
        "秒多少个 token?",
        en="A model of {billions}B parameters stored with {bits} bits each decodes a single sequence on "
        "an {gpu} (memory bandwidth {bandwidth} GB/s); its KV cache is {cache} GB at this point. "
        "Decoding is bound by bandwidth: each token reads all weights and the KV cache once. What is "
        "the upper bound in tokens per second?",
    ),
    solution=Text(
        zh="权重 {billions} × {bits}/8 = {weights} GB，加 KV 缓存共读 {read} GB。{bandwidth} / {read} = "
        "{value} token/s。这是上限，实际约为其 60% 到 85%；增大批量可以分摊权重的读取。",
        en="The weights are {billions} × {bits}/8 = {weights} GB; with the KV cache {read} GB are read. "
        "{bandwidth} / {read} = {value} tokens/s. That is a bound, of which 60 to 85 % is usually "
        "reached; a larger batch shares the reading of the weights.",
    ),
    low=5,
    high=3000,
    references=[
        Reference(
            "Pope et al. 2022, Efficiently Scaling Transformer Inference", "https://arxiv.org/abs/2211.05102"
        ),
    ],
    also=["I4"],
)
