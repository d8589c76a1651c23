"""Days of training on N GPUs at a given MFU."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    flop = 6 * p["billions"] * 1e9 * p["btokens"] * 1e9
    rate = p["gpus"] * p["tflops"] * 1e12 * p["mfu"] / 100
    return Solved(flop / rate / 86400, "day", {"flop": flop, "rate": rate, "seconds": flop / rate})


def verify(p: Params) -> float:
    """Tokens a day of one GPU, then GPU-days of the whole corpus."""
    per_token = 6 * p["billions"] * 1e9
    tokens_a_day = p["tflops"] * 1e12 * p["mfu"] / 100 / per_token * 86400
    return float(p["btokens"] * 1e9 / tokens_a_day / p["gpus"])


def accept(p: Params) -> bool:
    return 1 <= solve(p).value <= 400


FAMILY = Family(
    id="p9-training-days",
    topic="P9",
    difficulty=2,
    stage=3,
    parameters={
        "billions": [1.3, 3, 7, 8, 13, 32, 70],
        "btokens": [100, 300, 1000, 2000, 4000, 15000],
        "gpus": [64, 128, 256, 512, 1024, 2048, 4096],
        "device": [
            {"gpu": "A100", "tflops": 312},
            {"gpu": "H100", "tflops": 989},
            {"gpu": "H800", "tflops": 989},
        ],
        "mfu": [30, 35, 38, 40, 45, 50],
    },
    accept=accept,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="用 {gpus} 张 {gpu}(bf16 稠密峰值 {tflops} TFLOP/s)训练 {billions}B 参数的稠密模型，数据 "
        "{btokens}B token,MFU 为 {mfu}%。按 6ND 估算，不计故障，需要多少天？",
        en="A dense model of {billions}B parameters is trained on {btokens}B tokens with {gpus} {gpu} "
        "GPUs (dense bf16 peak {tflops} TFLOP/s) at an MFU of {mfu}%. By 6ND and without failures, how "
        "many days does it take?",
    ),
    solution=Text(
        zh="总计算量 6 × {billions}×10^9 × {btokens}×10^9 = {flop} FLOP。集群有效速率 {gpus} × {tflops}"
        "×10^12 × {mfu}% = {rate} FLOP/s。相除得 {seconds} 秒，再除以 86400，为 {value} 天。",
        en="The compute is 6 × {billions}×10^9 × {btokens}×10^9 = {flop} FLOP. The cluster delivers {gpus}"
        " × {tflops}×10^12 × {mfu}% = {rate} FLOP/s. That is {seconds} seconds; divided by 86,400, "
        "{value} days.",
    ),
    low=1,
    high=400,
    tolerance=Tolerance("relative", 0.03),
    references=[
        Reference("Kaplan et al. 2020, Scaling laws", "https://arxiv.org/abs/2001.08361"),
        Reference("Chowdhery et al. 2022, PaLM (MFU)", "https://arxiv.org/abs/2204.02311"),
    ],
    audience=["experienced"],
)
