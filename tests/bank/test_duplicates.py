"""Near-duplicates of whole questions, and how the measure does on labelled pairs."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from questions.bank.duplicates import THRESHOLD, Asked, by_question, fingerprint, likenesses, similarity


def test_similarity_lies_between_0_and_1_and_the_threshold_beside_it() -> None:
    assert similarity("什么是注意力?", "什么是注意力？") == 1.0
    assert similarity("What is attention?", "爆炸") == 0.0
    assert 0 < THRESHOLD < 1
    assert similarity("KV cache size of Llama-2-7B", "KV cache size of Llama-3-8B") == similarity(
        "KV cache size of Llama-3-8B", "KV cache size of Llama-2-7B"
    )


def asked(slug: str, zh: str, en: str) -> Asked:
    return Asked.of(slug, {"stem": {"zh-Hans": zh, "en": en}})


def test_the_best_of_the_two_languages_counts_and_a_question_is_not_like_itself() -> None:
    questions = [
        asked(
            "a", "为什么注意力分数要除以根号维度", "Why divide attention scores by the root of the dimension?"
        ),
        asked("b", "为什么要缩放", "Why divide the attention scores by the root of the dimension?"),
        asked("c", "混合精度训练为什么需要损失缩放", "What does a learning-rate warm-up protect from?"),
    ]
    (found,) = likenesses(questions)
    assert (found.first, found.second) == ("a", "b")
    assert found.similarity == similarity(questions[0].texts[1][1], questions[1].texts[1][1])
    assert by_question([found]) == {"a": [("b", found.similarity)], "b": [("a", found.similarity)]}


def test_a_fingerprint_sees_words_and_key_but_not_manner() -> None:
    body = {"stem": {"en": "What is it?"}, "choices": [{"text": {"en": "A thing"}, "correct": True}]}
    assert fingerprint(body) == fingerprint({**body, "stem": {"en": "WHAT is it ?"}})
    assert fingerprint(body) != fingerprint({**body, "choices": [{"text": {"en": "A thing"}}]})
    assert fingerprint(body) != fingerprint({**body, "stem": {"en": "What was it?"}})


@pytest.mark.parametrize(
    ("name", "least"), [("pairs/pawsx_zh_sample", 0.9), ("nc/pairs/lcqmc_zh_sample", 0.8)]
)
def test_what_is_called_a_duplicate_shares_its_words(shared_data: Path, name: str, least: float) -> None:
    """Both sets are made of pairs that share most words on purpose; docs/measurements/duplicates.md has the table.

    Recall is asked for here: of pairs whose sentences differ by at most a fifth of their 3-grams, all are found.
    """
    with gzip.open(shared_data / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        pairs = [(row["q1"], row["q2"]) for row in csv.DictReader(file)]
    alike = [pair for pair in pairs if similarity(*pair) >= least]
    assert alike
    for first, second in alike[:50]:
        found = likenesses([Asked("a", [("zh-Hans", first)]), Asked("b", [("zh-Hans", second)])])
        assert [round(entry.similarity, 9) for entry in found] == [round(similarity(first, second), 9)]
