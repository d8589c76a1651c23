"""Similarity of texts, alone and among very many."""

from __future__ import annotations

import csv
import gzip
import random
import time

import pytest

from questions.content_rules.duplicates import Pair, grams, near_duplicates, similarity


def test_a_worked_example():
    assert grams("abcd") == {"abc", "bcd"}
    assert similarity("abcd", "abce") == pytest.approx(1 / 3)  # {abc, bcd} and {abc, bce}
    assert similarity("KV 缓存", "ＫＶ缓存。") == 1.0
    assert similarity("ab", "AB!") == 1.0
    assert similarity("", "。") == 1.0
    assert similarity("", "abc") == 0.0


def test_pairs_are_those_of_comparing_all_with_all():
    pick = random.Random(7)
    words = ["注意力", "缓存", "显存", "量化", "attention", "cache", "memory", "batch", "推理", "训练"]
    texts = ["".join(pick.choice(words) for _ in range(12)) for _ in range(120)]
    texts += [text[:-3] for text in texts[:40]]
    expected = [
        Pair(i, j, similarity(texts[i], texts[j]))
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if similarity(texts[i], texts[j]) >= 0.6
    ]
    assert len(expected) >= 40
    assert near_duplicates(texts) == expected


def test_equal_texts_come_as_a_chain():
    texts = ["什么是注意力机制?", "什么是 KV 缓存?", "什么是注意力机制", "什么是注意力机制?"]
    assert near_duplicates(texts) == [Pair(0, 2, 1.0), Pair(2, 3, 1.0)]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["a"], ["a", "b"]])
def test_small_inputs(texts):
    assert near_duplicates(texts) == ([Pair(0, 1, 1.0)] if texts == ["", ""] else [])


def test_twenty_thousand_texts_take_seconds():
    pick = random.Random(1)
    signs = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 800))
    texts = ["".join(pick.choices(signs, k=50)) for _ in range(20_000)]
    planted = [texts[at * 19][:22] + "新" + texts[at * 19][23:] for at in range(1000)]
    start = time.process_time()
    found = near_duplicates(texts + planted)
    assert {(pair.first, pair.second) for pair in found} == {(at * 19, 20_000 + at) for at in range(1000)}
    assert time.process_time() - start < 8


def test_precision_on_paws_which_is_built_to_fool_lexical_similarity(shared_data):
    with gzip.open(shared_data / "pairs/pawsx_zh_sample.csv.gz", "rt", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    flagged = [row["label"] for row in rows if similarity(row["q1"], row["q2"]) >= 0.6]
    share = sum(row["label"] == "1" for row in rows) / len(rows)
    assert share == pytest.approx(0.477, abs=0.001)
    assert flagged.count("1") / len(flagged) > 0.6  # measured 0.63; swapped names keep nearly all 3-grams
