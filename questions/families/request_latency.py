"""Latency of one request: prefill by compute, decode by bandwidth."""

from questions.families.base import Family, Params, Reference, Solved, Text, Tolerance


def solve(p: Params) -> Solved:
    prefill = 2 * p["billions"] * 1e9 * p["prompt"] / (p["tflops"] * 1e12 * p["mfu"] / 100)
    each = p["billions"] * 2 / p["bandwidth"]
    decode = (p["output"] - 1) * each
    return Solved(prefill + decode, "s", {"prefill": prefill, "each_ms": each * 1000, "decode": decode})


def verify(p: Params) -> float:
    """Milliseconds: the first token after prefill, every further one after a pass over 2 bytes a
    parameter.
    """
    clock = 2e3 * p["billions"] * p["prompt"] / (p["tflops"] * 10 * p["mfu"])
    for _ in range(1, p["output"]):
        clock += 2e3 * p["billions"] / p["bandwidth"]
    return float(clock / 1000)


FAMILY = Family(
    id="i8-request-latency",
    topic="I8",
    difficulty=3,
    stage=4,
    parameters={
        "billions": [3, 7, 8, 13, 14, 32],
        "prompt": [1000, 2000, 4000, 8000],
        "output": [101, 201, 301, 501],
        "device": [
            {"gpu": "A100 80GB", "memory": 80, "tflops": 312, "bandwidth": 2039},
            {"gpu": "H100 SXM", "memory": 80, "tflops": 989, "bandwidth": 3350},
            {"gpu": "L40S", "memory": 48, "tflops": 362, "bandwidth": 864},
        ],
        "mfu": [40, 50, 60],
    },
    accept=lambda p: 2 * p["billions"] <= 0.85 * p["memory"],
    solve=solve,
    verify=verify,
    stem=Text(
        zh="{billions}B 的 16 位模型在 {gpu}（峰值 {tflops} TFLOP/s，带宽 {bandwidth} GB/s）上处理一条请求：提"
        "示 {prompt} 个 token，输出 {output} 个。预填充受算力限制（每 token 2N FLOP，利用率 {mfu}%），并产出"
        "第一个 token；其后每个 token 受带宽限制，读一遍权重（忽略 KV 缓存）。总耗时多少秒？",
        en="A 16-bit model of {billions}B parameters serves one request on an {gpu} (peak {tflops} "
        "TFLOP/s, bandwidth {bandwidth} GB/s): {prompt} prompt tokens, {output} output tokens. Prefill "
        "is bound by compute (2N FLOP a token, utilisation {mfu}%) and yields the first token; each "
        "further one is bound by bandwidth and reads the weights once (KV cache ignored). How many "
        "seconds does it take?",
    ),
    solution=Text(
        zh="预填充：2 × {billions}×10^9 × {prompt} / ({tflops}×10^12 × {mfu}%) = {prefill} 秒（即 TTFT）。每"
        "个后续 token:{billions} × 2 / {bandwidth} 秒 = {each_ms} 毫秒，共 {output} - 1 个，{decode} 秒。"
        "合计 {value} 秒。",
        en="Prefill: 2 × {billions}×10^9 × {prompt} / ({tflops}×10^12 × {mfu}%) = {prefill} s, the time "
        "to first token. Each further token: {billions} × 2 / {bandwidth} s = {each_ms} ms, {output} - "
        "1 of them, {decode} s. Together {value} s.",
    ),
    tolerance=Tolerance("relative", 0.02),
    low=0.1,
    high=50,
    references=[
        Reference(
            "Pope et al. 2022, Efficiently Scaling Transformer Inference", "https://arxiv.org/abs/2211.05102"
        ),
    ],
    also=["I10"],
)
