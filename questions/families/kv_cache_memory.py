"""Memory of the KV cache for a batch of sequences."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    per_token = 2 * p["layers"] * p["kv_heads"] * p["head_size"] * p["bytes"]
    total = per_token * p["tokens"] * p["batch"]
    return Solved(total / 2**30, "GiB", {"per_token": per_token, "total": total})


def verify(p: Params) -> float:
    """Count the elements of one layer's K tensor, then scale in KiB, MiB, GiB."""
    elements_of_k = p["batch"] * p["kv_heads"] * p["tokens"] * p["head_size"]
    kib_of_a_layer = 2 * elements_of_k * p["bytes"] / 1024
    return float(sum(kib_of_a_layer for _ in range(p["layers"])) / 1024 / 1024)


FAMILY = Family(
    id="i1-kv-cache-memory",
    topic="I1",
    difficulty=2,
    stage=4,
    parameters={
        "model": [
            {"layers": 32, "kv_heads": 32, "head_size": 128},
            {"layers": 40, "kv_heads": 40, "head_size": 128},
            {"layers": 32, "kv_heads": 8, "head_size": 128},
            {"layers": 80, "kv_heads": 8, "head_size": 128},
            {"layers": 28, "kv_heads": 4, "head_size": 128},
            {"layers": 48, "kv_heads": 8, "head_size": 128},
            {"layers": 36, "kv_heads": 8, "head_size": 128},
        ],
        "precision": [
            {"format": "fp16", "bytes": 2},
            {"format": "bf16", "bytes": 2},
            {"format": "fp8", "bytes": 1},
        ],
        "tokens": [2048, 4096, 8192, 16384, 32768],
        "batch": [1, 4, 8, 16, 32],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一个解码器模型有 {layers} 层，每层 {kv_heads} 个 KV 头，头维度 {head_size},KV 缓存用 {format}（每"
        "个数 {bytes} 字节)。批大小 {batch}，每条序列长 {tokens} 个 token,KV 缓存一共占多少 GiB?",
        en="A decoder has {layers} layers with {kv_heads} KV heads of size {head_size} each; its KV cache "
        "is kept in {format} (bytes a number: {bytes}). With batch size {batch} and sequences of "
        "{tokens} tokens each, how many GiB does the KV cache take in all?",
    ),
    solution=Text(
        zh="每个 token 在每层存一个 K 和一个 V:2 × {layers} × {kv_heads} × {head_size} × {bytes} = "
        "{per_token} 字节。乘以 {tokens} × {batch} 个 token 得 {total} 字节，除以 2^30，即 {value} GiB。"
        "决定大小的是 KV 头数，不是查询头数。",
        en="Every token stores one K and one V in every layer: 2 × {layers} × {kv_heads} × {head_size} × "
        "{bytes} = {per_token} bytes. Times {tokens} × {batch} tokens gives {total} bytes; divided by "
        "2^30 that is {value} GiB. The number of KV heads decides, not the number of query heads.",
    ),
    low=0.05,
    high=2600,
    references=[Reference("Ainslie et al. 2023, GQA", "https://arxiv.org/abs/2305.13245")],
    also=["F2"],
)
