"""Moving a prompt's KV cache from a prefill to a decode node."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    per_token = 2 * p["layers"] * p["kv_heads"] * p["head_size"] * 2
    missed = p["prompt"] * (100 - p["hit"]) // 100
    total = per_token * missed
    rate = p["gbits"] / 8
    steps = {"per_token": per_token, "missed": missed, "total_gb": total / 1e9, "rate": rate}
    return Solved(total / (rate * 1e9) * 1000, "ms", steps)


def verify(p: Params) -> float:
    """Bits on the wire, layer by layer."""
    missed = p["prompt"] - p["prompt"] * p["hit"] // 100
    bits = sum(16 * 2 * p["kv_heads"] * p["head_size"] * missed for _ in range(p["layers"]))
    return float(bits / (p["gbits"] * 1e6))


FAMILY = Family(
    id="i10-kv-transfer-time",
    topic="I10",
    difficulty=3,
    stage=4,
    parameters={
        "model": [
            {"layers": 32, "kv_heads": 8, "head_size": 128},
            {"layers": 80, "kv_heads": 8, "head_size": 128},
            {"layers": 48, "kv_heads": 8, "head_size": 128},
            {"layers": 32, "kv_heads": 32, "head_size": 128},
        ],
        "prompt": [4000, 8000, 16000, 32000, 64000],
        "hit": [10, 25, 50],
        "gbits": [100, 200, 400, 800],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="预填充与解码分离：模型 {layers} 层、{kv_heads} 个 KV 头、头维度 {head_size},KV 为 16 位。提示 "
        "{prompt} 个 token，其中 {hit}% 的 KV 已在解码节点上。网络 {gbits} Gbit/s 打满，传完其余 KV 要多"
        "少毫秒？",
        en="Prefill and decode are split: the model has {layers} layers, {kv_heads} KV heads of size "
        "{head_size} and 16-bit KV. Of a prompt of {prompt} tokens, {hit}% of the KV is already on the "
        "decode node. How many milliseconds does the rest take over a saturated network of {gbits} "
        "Gbit/s?",
    ),
    solution=Text(
        zh="每 token 2 × {layers} × {kv_heads} × {head_size} × 2 = {per_token} 字节。要传 {missed} 个 "
        "token，共 {total_gb} GB。{gbits} Gbit/s = {rate} GB/s，{total_gb} / {rate} 秒 = {value} 毫秒。按"
        "层流式传输可以和预填充重叠。",
        en="A token takes 2 × {layers} × {kv_heads} × {head_size} × 2 = {per_token} bytes. {missed} "
        "tokens are to be sent, {total_gb} GB. {gbits} Gbit/s are {rate} GB/s, so {total_gb} / {rate} "
        "s = {value} ms. Streaming layer by layer overlaps it with prefill.",
    ),
    low=2,
    high=5000,
    references=[Reference("Qin et al. 2024, Mooncake", "https://arxiv.org/abs/2407.00079")],
    audience=["experienced"],
    also=["I1"],
)
