"""Trainable parameters of LoRA on chosen matrices."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    square = p["squares"] * p["rank"] * 2 * p["hidden"]
    wide = p["wides"] * p["rank"] * (p["hidden"] + p["inner"])
    per_layer = square + wide
    steps = {
        "square": square,
        "wide": wide,
        "per_layer": per_layer,
        "millions": per_layer * p["layers"] / 1e6,
    }
    return Solved(per_layer * p["layers"], "parameter", steps)


def verify(p: Params) -> float:
    """List the shape of every adapted matrix and count the elements of its two factors."""
    shapes = [(p["hidden"], p["hidden"])] * p["squares"] + [(p["inner"], p["hidden"])] * p["wides"]
    factors = [(rows * p["rank"], p["rank"] * columns) for rows, columns in shapes * p["layers"]]
    return float(sum(b + a for b, a in factors))


FAMILY = Family(
    id="s2-lora-parameters",
    topic="S2",
    difficulty=2,
    stage=3,
    parameters={
        "model": [
            {"layers": 32, "hidden": 4096, "inner": 11008},
            {"layers": 40, "hidden": 5120, "inner": 13824},
            {"layers": 24, "hidden": 2048, "inner": 5504},
            {"layers": 48, "hidden": 6144, "inner": 16384},
        ],
        "rank": [4, 8, 16, 32, 64],
        "targets": [
            {"squares": 2, "wides": 0, "on_zh": "q、v 两个投影", "on_en": "the q and v projections"},
            {
                "squares": 4,
                "wides": 0,
                "on_zh": "q、k、v、o 四个投影",
                "on_en": "the q, k, v and o projections",
            },
            {
                "squares": 4,
                "wides": 3,
                "on_zh": "q、k、v、o 四个投影和 FFN 的 gate、up、down 三个矩阵",
                "on_en": "the q, k, v and o projections and the gate, up and down matrices of the FFN",
            },
        ],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型有 {layers} 层，隐藏维度 {hidden},FFN 中间维度 {inner}，注意力的四个投影都是 {hidden}×"
        "{hidden}。在每层的 {on_zh} 上加秩 {rank} 的 LoRA（无偏置）。一共有多少可训练参数？",
        en="A model has {layers} layers, hidden size {hidden} and FFN inner size {inner}; its four "
        "attention projections are all {hidden}×{hidden}. LoRA of rank {rank}, without biases, is put "
        "on {on_en} of every layer. How many parameters are trainable?",
    ),
    solution=Text(
        zh="一个 m×n 矩阵的 LoRA 有 B(m×r)和 A(r×n)，共 r(m+n) 个参数。方阵 {squares} 个：{squares} × {rank}"
        " × 2 × {hidden} = {square};FFN 矩阵 {wides} 个：{wides} × {rank} × ({hidden}+{inner}) = {wide}"
        "。每层 {per_layer}，乘 {layers} 层得 {value}，约 {millions} 百万。",
        en="LoRA on an m×n matrix has B (m×r) and A (r×n), r(m+n) parameters. {squares} square ones: "
        "{squares} × {rank} × 2 × {hidden} = {square}; {wides} FFN ones: {wides} × {rank} × ({hidden}+"
        "{inner}) = {wide}. That is {per_layer} a layer, times {layers} layers = {value}, or {millions}"
        " million.",
    ),
    low=5e5,
    high=8e8,
    references=[Reference("Hu et al. 2021, LoRA", "https://arxiv.org/abs/2106.09685")],
)
