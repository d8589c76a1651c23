"""Communication of tensor parallelism in one step."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    tensor_mb = p["micro"] * p["length"] * p["hidden"] * 2 / 1e6
    ring = 2 * (p["ways"] - 1) / p["ways"]
    return Solved(
        4 * p["layers"] * ring * tensor_mb / 1e3,
        "GB",
        {"tensor_mb": tensor_mb, "ring": ring, "calls": 4 * p["layers"]},
    )


def verify(p: Params) -> float:
    """Layer by layer, forward then backward: an all-reduce after attention and one after the FFN, in
    ring steps.
    """
    chunk = p["micro"] * p["length"] * p["hidden"] * 2 / p["ways"]
    sent = 0.0
    for _layer in range(p["layers"]):
        for _pass in ("forward", "backward"):
            for _block in ("attention", "ffn"):
                sent += chunk * (p["ways"] - 1) + chunk * (p["ways"] - 1)
    return float(sent / 1e9)


FAMILY = Family(
    id="w2-tensor-parallel-volume",
    topic="W2",
    difficulty=4,
    stage=3,
    parameters={
        "model": [
            {"layers": 32, "hidden": 4096},
            {"layers": 40, "hidden": 5120},
            {"layers": 60, "hidden": 6656},
            {"layers": 80, "hidden": 8192},
        ],
        "ways": [2, 4, 8],
        "micro": [1, 2, 4],
        "length": [2048, 4096, 8192],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="Megatron 式张量并行 {ways} 路，模型 {layers} 层、隐藏维度 {hidden}，微批 {micro} 条、序列长 "
        "{length}，激活为 16 位。每层前向 2 次、反向 2 次 all-reduce（环形，无序列并行、无重计算）。一个微"
        "批的前向加反向，每张卡发送多少 GB(10^9 字节)?",
        en="Megatron tensor parallelism over {ways} GPUs; the model has {layers} layers and hidden size "
        "{hidden}, a micro-batch has {micro} sequences of {length} tokens, activations are 16-bit. "
        "Each layer does 2 all-reduces forward and 2 backward (ring; no sequence parallelism, no "
        "recomputation). How many GB (10^9 bytes) does each GPU send for one micro-batch, forward and "
        "backward?",
    ),
    solution=Text(
        zh="每次 all-reduce 的张量 {micro} × {length} × {hidden} × 2 字节 = {tensor_mb} MB，环形每卡发送 "
        "2(t-1)/t = {ring} 倍。共 4 × {layers} = {calls} 次：{calls} × {ring} × {tensor_mb} MB = {value}"
        " GB。通信在关键路径上，所以张量并行要留在 NVLink 之内。",
        en="An all-reduce carries {micro} × {length} × {hidden} × 2 bytes = {tensor_mb} MB, of which a "
        "ring sends 2(t-1)/t = {ring} times that per GPU. There are 4 × {layers} = {calls}: {calls} × "
        "{ring} × {tensor_mb} MB = {value} GB. It lies on the critical path, so keep tensor "
        "parallelism within NVLink.",
    ),
    low=1,
    high=400,
    references=[Reference("Shoeybi et al. 2019, Megatron-LM", "https://arxiv.org/abs/1909.08053")],
    audience=["experienced"],
    also=["W6", "W8"],
)
