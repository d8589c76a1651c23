"""Sound questions of every kind, to be spoiled by the tests."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Body = dict[str, Any]


def pair(zh: str, en: str) -> dict[str, str]:
    return {"zh-Hans": zh, "en": en}


COMMON: Body = {
    "id": "s2-sample",
    "topic": "S2",
    "style": "fundamentals",
    "depth": "explain",
    "audience": ["campus", "experienced"],
    "stage": 3,
    "difficulty": 2,
    "stem": pair("LoRA 训练时更新什么?", "What does LoRA update in training?"),
    "solution": pair("只更新两个低秩矩阵。", "Only the two low-rank matrices."),
    "references": [
        {"title": "LoRA", "url": "https://arxiv.org/abs/2106.09685", "checked": "2026-11-22"},
    ],
}

RUBRIC: list[Body] = [
    {
        "id": "four-models",
        "points": 2,
        "role": "required",
        "text": pair("说出四个模型", "Names the four models"),
        "aliases": {"zh-Hans": ["参考模型", "评论家"], "en": ["reference model", "critic"]},
    },
    {
        "id": "kl",
        "points": 2,
        "role": "required",
        "text": pair("说出 KL 约束", "Names the KL constraint"),
        "aliases": {"zh-Hans": ["KL 约束", "KL 散度"], "en": ["KL penalty", "KL divergence"]},
    },
    {
        "id": "reward-trained",
        "points": 1,
        "role": "penalty",
        "text": pair("误称奖励模型在 PPO 中训练", "Claims that the reward model is trained in PPO"),
        "aliases": {"zh-Hans": ["训练奖励模型"], "en": ["trains the reward model"]},
    },
]

OWN: dict[str, Body] = {
    "single_choice": {
        "choices": [
            {"text": pair("两个低秩矩阵", "Two low-rank matrices"), "correct": True},
            {
                "text": pair("全部权重", "All weights"),
                "rationale": pair("那是全参。", "That is full tuning."),
            },
            {
                "text": pair("只有偏置", "Only the biases"),
                "rationale": pair("那是 BitFit。", "That is BitFit."),
            },
            {"text": pair("只有词嵌入", "Only embeddings"), "rationale": pair("不是。", "No.")},
        ],
    },
    "multiple_choice": {
        "choices": [
            {"text": pair("矩阵 A", "Matrix one"), "correct": True},
            {"text": pair("矩阵 B", "Matrix two"), "correct": True},
            {"text": pair("偏置", "Biases"), "rationale": pair("不更新。", "Not updated.")},
            {"text": pair("词嵌入", "Embeddings"), "rationale": pair("不更新。", "Not updated.")},
        ],
    },
    "numeric": {
        "answer": {"value": 112, "unit": "GB", "tolerance": {"kind": "relative", "value": 0.02}},
        "check": "7e9 * 16 / 1e9",
    },
    "short_text": {"answer": {"accepted": {"zh-Hans": ["低秩适配", "LoRA"], "en": ["low-rank adaptation"]}}},
    "ordering": {
        "steps": [
            pair("预训练", "Pre-training"),
            pair("指令微调", "Instruction tuning"),
            pair("奖励模型", "Reward modelling"),
            pair("强化学习", "Reinforcement learning"),
        ],
    },
    "long_text": {
        "reference": pair("四个模型与 KL 约束。", "Four models and the KL constraint."),
        "rubric": RUBRIC,
        "anchors": [
            {"language": "zh-Hans", "score": 0.0, "text": "我不知道这个问题应该怎么回答。", "met": []},
            {
                "language": "zh-Hans",
                "score": 0.5,
                "text": "需要策略、奖励、评论家和参考模型。",
                "met": ["four-models"],
            },
            {
                "language": "en",
                "score": 1.0,
                "text": "Policy, critic, reward and reference model; a KL penalty keeps the policy near.",
                "met": ["four-models", "kl"],
            },
        ],
    },
    "interview": {
        "nodes": [
            {
                "id": "open",
                "ask": pair("PPO 需要哪些模型?", "Which models does PPO need?"),
                "rubric": RUBRIC[:2],
                "next": [
                    {"when": {"missed": ["four-models"]}, "go": "hint"},
                    {"when": {"below": 0.9}, "go": "simpler"},
                    {"when": "always", "go": "deeper"},
                ],
            },
            {
                "id": "hint",
                "ask": pair("想想谁给出参照?", "Who gives the baseline?"),
                "rubric": RUBRIC[:2],
                "next": [{"when": "always", "go": "deeper"}],
            },
            {"id": "simpler", "ask": pair("为什么要约束?", "Why constrain it?"), "rubric": RUBRIC[:2]},
            {"id": "deeper", "ask": pair("显存怎么算?", "How much memory is that?"), "rubric": RUBRIC[:2]},
        ],
    },
    "code": {
        "code": {
            "entry": "softmax",
            "starter": "def softmax(x):\n    ...\n",
            "tests": [{"call": "softmax([0.0])", "expect": [1.0]}, {"call": "softmax([])", "expect": []}],
        },
    },
}


@pytest.fixture
def body() -> Callable[..., Body]:
    """`body("numeric", difficulty=9)`: a sound question of this kind with fields replaced; None
    removes one.
    """

    def make(kind: str, **changes: Any) -> Body:
        whole = {"kind": kind, **copy.deepcopy(COMMON), **copy.deepcopy(OWN[kind]), **changes}
        return {name: value for name, value in whole.items() if value is not None}

    return make


@pytest.fixture
def shared(shared_data: Path) -> Callable[[str], list[Body]]:
    """Rows of a gzipped JSONL file of the real data."""

    def read(name: str) -> list[Body]:
        with gzip.open(shared_data / name, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    return read
