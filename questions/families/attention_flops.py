"""FLOPs of the attention scores, against those of the projections."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    one_product = 2 * p["length"] ** 2 * p["hidden"]
    return Solved(
        2 * one_product * p["layers"], "FLOP", {"one_product": one_product, "both": 2 * one_product}
    )


def verify(p: Params) -> float:
    """Head by head: scores are (s x d)(d x s), the weighted sum is (s x s)(s x d); 2 FLOP a multiply-add."""
    size = p["hidden"] // p["heads"]
    scores = 2 * p["length"] * size * p["length"]
    weighted = 2 * p["length"] * p["length"] * size
    return float(p["layers"] * p["heads"] * (scores + weighted))


FAMILY = Family(
    id="f1-attention-score-flops",
    topic="F1",
    difficulty=3,
    stage=3,
    parameters={
        "model": [
            {"layers": 24, "hidden": 2048, "heads": 16},
            {"layers": 32, "hidden": 4096, "heads": 32},
            {"layers": 40, "hidden": 5120, "heads": 40},
            {"layers": 80, "hidden": 8192, "heads": 64},
        ],
        "length": [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型有 {layers} 层，隐藏维度 {hidden}，{heads} 个头。对一条长 {length} 的序列做一次前向，所有层中"
        " QK^T 与 注意力权重乘 V 这两步共多少 FLOP？（一次乘加算 2 FLOP，不利用因果掩码的一半稀疏，不计 "
        "softmax 与投影。)",
        en="A model has {layers} layers, hidden size {hidden} and {heads} heads. In one forward pass over "
        "a sequence of {length} tokens, how many FLOP do QK^T and the product of the attention weights "
        "with V take over all layers? (A multiply-add is 2 FLOP; do not halve for the causal mask; "
        "leave out softmax and projections.)",
    ),
    solution=Text(
        zh="把各头合起来看，QK^T 是 2 × s² × h = 2 × {length}² × {hidden} = {one_product} FLOP，乘 V 同样多，"
        "每层 {both} FLOP。{layers} 层共 {value} FLOP。它随长度平方增长，而投影只随长度线性增长；头数不影"
        "响总量。",
        en="Over all heads QK^T takes 2 × s² × h = 2 × {length}² × {hidden} = {one_product} FLOP, the "
        "product with V as many, {both} FLOP a layer. {layers} layers take {value} FLOP. It grows with "
        "the square of the length, the projections only linearly; the number of heads does not matter.",
    ),
    low=1e11,
    high=1e17,
    references=[
        Reference("Vaswani et al. 2017, Attention Is All You Need", "https://arxiv.org/abs/1706.03762"),
        Reference("Narayanan et al. 2021, Megatron-LM on GPU clusters", "https://arxiv.org/abs/2104.04473"),
    ],
)
