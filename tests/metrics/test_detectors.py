"""Degenerate outputs: each detector on what it must catch, what it must not, and on real model outputs."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from evalhub.metrics import DETECTORS
from evalhub.metrics.detectors.garbled import scripts
from evalhub.metrics.detectors.output import Output, cut
from evalhub.metrics.detectors.repeater import history_of, log_ratio, loop
from evalhub.metrics.sentinel import flags

PROMPT = "A model has 32 layers, 8 key-value heads of size 128 and fp16 weights. How large is its KV cache per token?"
ZH_PROMPT = (
    "一个模型有 32 层、8 个 KV 头，头维度为 128，使用 fp16。每个 token 的 KV cache 有多大？请解释计算过程。"
)
SOUND = (
    "Each layer stores keys and values, so a token takes 2 * 32 * 8 * 128 * 2 bytes, which is 131072 bytes. "
    "Grouped-query attention is why there are 8 heads to store instead of 32, a factor of four saved."
)
ZH_SOUND = "每层都要保存键和值，因此每个 token 需要 2 × 32 × 8 × 128 × 2 字节，即 131072 字节，约 128 KiB。"


@pytest.mark.parametrize(
    ("detector", "output"),
    [
        ("repeater", Output("I see. " + "The answer is that the " * 25)),
        ("repeater", Output("答案是：" + "哈" * 60)),
        ("repeater", Output("所以答案是二。" * 22)),
        ("repeater", Output("aaaa" * 60)),
        ("repeater", Output("x" * 40, tokens=[7, 1, 2, 3] + [4, 5, 6] * 21)),
        ("mute", Output("")),
        ("mute", Output(" \n\t ")),
        ("mute", Output("<|im_end|><|endoftext|>")),
        ("never_stops", Output(SOUND, PROMPT, "length")),
        ("garbled", Output("The ans\ufffd\ufffd\ufffd is \ufffd")),
        (
            "garbled",
            Output(
                "Это длинный ответ на русском языке, о котором никто не просил, и он не кончается. " * 2,
                PROMPT,
            ),
        ),
        ("garbled", Output(SOUND, ZH_PROMPT)),
        ("copied_prompt", Output(f"{PROMPT} {PROMPT}", PROMPT)),
        ("copied_prompt", Output(ZH_PROMPT, ZH_PROMPT)),
    ],
)
def test_caught_with_a_reason(detector: str, output: Output) -> None:
    finding = DETECTORS.get(detector)(output)
    assert finding is not None
    assert finding.reason


@pytest.mark.parametrize(
    "output",
    [
        Output(SOUND, PROMPT, "stop"),
        Output(ZH_SOUND, ZH_PROMPT, "stop"),
        Output("B", ZH_PROMPT, "length", is_cut_expected=True),
        Output("131072", ZH_PROMPT, "stop"),
        Output(
            f"{ZH_SOUND}\n```python\n{'x = layers * heads * size * 2  # bytes of one token'}\n```", ZH_PROMPT
        ),
        Output("Result: 5\n" + "-" * 300, PROMPT),  # a rule across the page
        Output("no " * 15, PROMPT),
        Output("Yes: " + "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15", PROMPT),
        Output(
            "The KV cache per token is 131072 bytes, as 32 layers, 8 key-value heads of size 128.", PROMPT
        ),
        Output("ギリシャ文字のαとβを使います。", "请用日文解释 α 和 β。ギリシャ"),
    ],
)
def test_sound_answers_pass_every_detector(output: Output) -> None:
    assert flags(output) == {}


def test_loop_needs_more_than_twenty_times_and_at_most_32_tokens() -> None:
    assert loop([1, 2, 3] * 20) == 0
    assert loop([9, 9, *[1, 2, 3] * 20, 1]) == 3
    assert loop(list(range(32)) * 21) == 32
    assert loop(list(range(33)) * 21) == 0


def test_cut_takes_words_characters_and_runs_of_one_mark() -> None:
    assert cut("KV缓存 = 2 GiB!!! ----") == ["KV", "缓", "存", "=", "2", "GiB", "!!!", "----"]


def test_compression_is_judged_against_the_endpoints_own_history() -> None:
    sound = [
        f"{SOUND} Case {i}: {i * 7919 % 997} bytes, {i * 31 % 89} heads and {i * 17 % 41} layers differ."
        for i in range(40)
    ]
    history = history_of(sound)
    assert history.n == 40
    assert DETECTORS.get("repeater")(Output(sound[0], history=history)) is None
    loose = " ".join(f"The answer is that the model is number {i % 7}." for i in range(60))
    assert DETECTORS.get("repeater")(Output(loose)) is None  # no period, no history: nothing to go by
    assert "compresses" in DETECTORS.get("repeater")(Output(loose, history=history)).reason
    assert log_ratio(loose) > history.mean
    assert history_of(sound[:29]) is None


def test_scripts_count_letters() -> None:
    assert scripts("KV 缓存 α 1") == Counter({"LATIN": 2, "CJK": 2, "GREEK": 1})


def test_real_outputs_are_seldom_flagged_and_rightly(shared_data: Path) -> None:
    rows = _rows(shared_data / "matrix/mmlu_pro/mmlu_pro_raw_outputs_sample.jsonl.gz")
    questions = {
        row["question_id"]: row["question"]
        for row in _rows(shared_data / "matrix/mmlu_pro/mmlu_pro_items.jsonl.gz")
    }
    found = [flags(Output(row["output"] or "", questions[row["question_id"]])) for row in rows]
    assert sum(bool(flag) for flag in found) <= 12  # of 400; among them two that end in "UUUU" and "0000"
    assert sum("repeater" in flag for flag in found) == 2
    good = _rows(shared_data / "items/bbh_codex_outputs_sample.jsonl.gz")
    assert not any(flags(Output(row["prediction"], row["question"])) for row in good)


def test_real_chinese_outputs(shared_data: Path) -> None:
    rows = _rows(shared_data / "judge/halluqa_open_responses_gpt4judged_sample.jsonl.gz")
    found = [flags(Output(row["response"], ZH_PROMPT)) for row in rows]
    assert sum("repeater" in flag for flag in found) == 1  # 这道菜怎么做？ without end
    assert sum("garbled" in flag for flag in found) <= 5


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]
