"""Perplexity of two texts together."""

import math

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    tokens = p["first_tokens"] + p["second_tokens"]
    loss = (p["first_tokens"] * p["first_loss"] + p["second_tokens"] * p["second_loss"]) / tokens
    naive = (math.exp(p["first_loss"]) + math.exp(p["second_loss"])) / 2
    return Solved(math.exp(loss), "", {"tokens": tokens, "loss": loss, "naive": naive})


def verify(p: Params) -> float:
    """The geometric mean of the texts' perplexities, weighted by tokens."""
    first, second = math.exp(p["first_loss"]), math.exp(p["second_loss"])
    tokens = p["first_tokens"] + p["second_tokens"]
    return float(first ** (p["first_tokens"] / tokens) * second ** (p["second_tokens"] / tokens))


FAMILY = Family(
    id="f9-perplexity-of-two-texts",
    topic="F9",
    difficulty=2,
    stage=3,
    parameters={
        "first_tokens": [1000, 2000, 5000, 8000],
        "first_loss": [1.6, 1.8, 2.0, 2.2],
        "second_tokens": [500, 1500, 3000, 12000],
        "second_loss": [2.5, 2.8, 3.0, 3.4],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="模型在文本甲（{first_tokens} 个 token）上的平均交叉熵是 {first_loss} nat/token，在文本乙（"
        "{second_tokens} 个 token)上是 {second_loss} nat/token。两篇合在一起的困惑度是多少？",
        en="A model has a mean cross-entropy of {first_loss} nats per token on one text ({first_tokens} "
        "tokens) and {second_loss} on another ({second_tokens} tokens). What is its perplexity on the "
        "two together?",
    ),
    solution=Text(
        zh="先按 token 数平均损失：（{first_tokens} × {first_loss} + {second_tokens} × {second_loss}）/ "
        "{tokens} = {loss} nat，再取指数：e^{loss} = {value}。直接平均两个困惑度会得到 {naive}，是错的。",
        en="Average the loss over tokens first: ({first_tokens} × {first_loss} + {second_tokens} × "
        "{second_loss}) / {tokens} = {loss} nats; then e^{loss} = {value}. Averaging the two "
        "perplexities would give {naive}, which is wrong.",
    ),
    low=4.9,
    high=31,
    references=[
        Reference(
            "Hugging Face, Perplexity of fixed-length models",
            "https://huggingface.co/docs/transformers/perplexity",
        ),
    ],
)
