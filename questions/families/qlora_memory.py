"""Weights and trainable states of QLoRA."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    constant = 8 / 64 + 32 / (64 * 256)
    frozen = p["billions"] * (4 + constant) / 8
    trained = p["adapter"] * 16 / 1000
    return Solved(
        frozen + trained,
        "GB",
        {"constant": constant, "bits": 4 + constant, "frozen": frozen, "trained": trained},
    )


def verify(p: Params) -> float:
    """Bytes of 256 blocks of 64 weights: codes, 8-bit constants, one 32-bit constant of the constants."""
    weights = 256 * 64
    size = weights * 4 // 8 + 256 * 1 + 4
    adapter = p["adapter"] * 1e6 * sum((2, 2, 4, 4, 4))
    return float((p["billions"] * 1e9 / weights * size + adapter) / 1e9)


FAMILY = Family(
    id="s3-qlora-memory",
    topic="S3",
    difficulty=3,
    stage=3,
    parameters={
        "billions": [3, 7, 8, 13, 14, 32, 33, 65, 70],
        "adapter": [20, 40, 80, 160, 320],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="QLoRA 微调 {billions}B 模型：冻结权重为 NF4(4 位)，每 64 个一块、块常数量化成 8 位，每 256 个块常"
        "数再共用一个 32 位常数（双重量化）；LoRA 有 {adapter} 百万参数，按 16 字节/参数训练。权重与训练状"
        "态共多少 GB(10^9 字节，不计激活)?",
        en="QLoRA tunes a {billions}B model: frozen weights in NF4 (4 bits), blocks of 64 with constants "
        "quantised to 8 bits, and every 256 of those share a 32-bit constant (double quantisation). "
        "LoRA has {adapter} million parameters trained at 16 bytes each. How many GB (10^9 bytes) do "
        "weights and training states take, activations left out?",
    ),
    solution=Text(
        zh="块常数的开销 8/64 + 32/(64 × 256) = {constant} 位/权重，共 {bits} 位。冻结权重 {billions} × "
        "{bits}/8 = {frozen} GB;LoRA {adapter} × 16 / 1000 = {trained} GB。合计 {value} GB。没有双重量"
        "化，开销会是 32/64 = 0.5 位。",
        en="The constants cost 8/64 + 32/(64 × 256) = {constant} bits a weight, {bits} bits in all. "
        "Frozen weights: {billions} × {bits}/8 = {frozen} GB; LoRA: {adapter} × 16 / 1000 = {trained} "
        "GB. Together {value} GB. Without double quantisation the constants would cost 32/64 = 0.5 "
        "bits.",
    ),
    low=1.5,
    high=45,
    references=[Reference("Dettmers et al. 2023, QLoRA", "https://arxiv.org/abs/2305.14314")],
    also=["S9"],
)
