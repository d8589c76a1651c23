"""Numbers, units, tolerances, and the arithmetic behind a key."""

from __future__ import annotations

import math

import pytest

from questions.kinds.arithmetic import evaluate
from questions.kinds.base import KindError, Presented
from questions.kinds.numeric import NUMERIC, is_within
from questions.kinds.quantities import read_answer
from questions.kinds.units import _LABELS, canonical, factor, is_unit, label


def shown(value: float, unit: str = "", kind: str = "relative", room: float = 0.01) -> Presented:
    key = {"value": value, "unit": unit, "tolerance": {"kind": kind, "value": room}}
    return Presented("numeric", "x", "en", 0, "How much?", unit=unit, key=key)


def outcome(question: Presented, response: str) -> str:
    return NUMERIC.grade(question, response, language="en").outcome


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2.0 GiB", "GB", 2.147483648),
        ("1.5e3", "", 1500),
        ("1,024", "", 1024),
        ("524 288 B", "byte", 524288),
        ("约 112 GB", "GB", 112),
        ("大约是 112GB。", "GB", 112),
        ("１１２ ＧＢ", "GB", 112),
        ("12%", "", 0.12),
        ("12 %", "percent", 12),
        ("25 percent", "percent", 25),
        ("\\boxed{112\\ \\text{GB}}", "GB", 112),
        ("$2\\times10^{9}$", "", 2e9),
        ("\\frac{1}{3}", "", 1 / 3),
        ("1/3", "", 1 / 3),
        ("3.15×10²³ FLOPs", "FLOP", 3.15e23),
        ("3.15 * 10**23", "FLOP", 3.15e23),
        ("10^21 FLOPs", "FLOP", 1e21),
        ("2^30 bytes", "GiB", 1),
        ("about 7B", "parameter", 7e9),
        ("7 billion parameters", "", 7e9),
        ("7 B", "byte", 7),
        ("1.2亿", "", 1.2e8),
        ("500万个 token", "token", 5e6),
        ("512K", "", 512e3),
        ("-3.5", "", -3.5),
        ("−3.5", "", -3.5),
        (".5", "", 0.5),
        ("2*32*8 = 512 bytes", "byte", 512),
        ("x ≈ 3.2", "", 3.2),
        ("112 GB or 104.3 GiB", "GB", 112),
        ("90 tokens per second", "token/s", 90),
        ("90 tok/s", "token/s", 90),
        ("312 TFLOPS", "FLOP/s", 312e12),
        ("83.3 GPU hours", "hour", 83.3),
        ("3 天", "hour", 72),
        ("16 字节", "byte", 16),
        ("0.85 bits per byte", "bit/byte", 0.85),
        ("$5", "USD", 5),
        ("128 KB", "byte", 128_000),
        ("112 GB in total", "GB", 112),
    ],
)
def test_a_quantity_is_read(text, unit, value):
    found = read_answer(text, canonical(unit))
    assert found is not None
    assert found.within(canonical(unit)) == pytest.approx(value)


@pytest.mark.parametrize("text", ["100-112 GB", "100 到 112 GB", "many", "GB", "112 GB or 224 GB", ""])
def test_what_is_no_single_quantity_is_not_read(text):
    assert read_answer(text, canonical("GB")) is None


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ("112 GB", "correct"),
        ("112", "correct"),
        ("104.3 GiB", "correct"),
        ("0.112 TB", "correct"),
        ("112e9 bytes", "correct"),
        ("896 Gb", "correct"),
        ("112 GiB", "wrong"),
        ("112 s", "wrong"),
        ("112 tokens", "wrong"),
        ("114 GB", "wrong"),
        ("quite a lot", "invalid"),
    ],
)
def test_gb_is_not_gib(response, expected):
    assert outcome(shown(112, "GB"), response) == expected


@pytest.mark.parametrize(
    ("response", "language", "note"),
    [
        ("112 GiB", "en", "GB and GiB mixed up"),
        ("112 GiB", "zh-Hans", "十进制与二进制前缀（GB 与 GiB）"),
        ("14 GB", "en", "bits and bytes mixed up"),
        ("112 MB", "en", "off by a power of 1000"),
        ("112 s", "en", "112 s cannot be converted to GB"),
        ("77 GB", "en", ""),
    ],
)
def test_a_wrong_answer_says_what_went_wrong(response, language, note):
    assert NUMERIC.grade(shown(112, "GB"), response, language=language).evidence[0].note == note


@pytest.mark.parametrize(
    ("value", "right", "tolerance", "expected"),
    [
        (114.24, 112, {"kind": "relative", "value": 0.02}, True),
        (114.25, 112, {"kind": "relative", "value": 0.02}, False),
        (-98, -100, {"kind": "relative", "value": 0.02}, True),
        (1.4, 1.0, {"kind": "absolute", "value": 0.4}, True),
        (1.5, 1.0, {"kind": "absolute", "value": 0.4}, False),
        (3.145e23, 3.15e23, {"kind": "significant", "value": 3}, True),
        (3.144e23, 3.15e23, {"kind": "significant", "value": 3}, False),
        (0.00123, 0.0012, {"kind": "significant", "value": 2}, True),
        (0.1 + 0.2, 0.3, {"kind": "absolute", "value": 0}, True),
        (0.4, 0, {"kind": "significant", "value": 1}, True),
    ],
)
def test_tolerances(value, right, tolerance, expected):
    assert is_within(value, right, tolerance) is expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Each takes 16 bytes.\n\nAnswer: 112 GB", "112 GB"),
        ("Answer: 7e9 × 16 bytes = 1.12e11 bytes", "112000000000 bytes"),
        ("答案:约 112 GB(即 104.3 GiB)", "112 GB"),
        ("\\boxed{112}", "112"),
        ("So the total is **112 GB**.\n\nHope that helps!", "112 GB"),
        ("112 GB", "112 GB"),
        ("7 billion times 16 = 112 GB", "112 GB"),
        ("The model has 7e9 parameters of 16 bytes.\nTotal = 112 GB", "112 GB"),
        ("First 2 bytes.\nThen 14 more.\nIt needs 112 GB.", "112 GB"),
        ("#### 112", "112"),
        ("Perhaps 100 or 120, hard to say, or 3.", None),
        ("Answer: between 100 and 112", None),
        ("no number at all", None),
    ],
)
def test_the_quantity_is_found_in_an_output(text, value):
    found = NUMERIC.extract(shown(112, "GB"), text, language="en")
    assert (found.value if found else None) == value


def test_gsm8k_solutions_are_read(shared):
    for row in shared("items/gsm8k_train_sample.jsonl.gz"):
        value = float(row["answer"].split("####")[1].replace(",", ""))
        question = shown(value, kind="absolute", room=0)
        assert NUMERIC.grade_output(question, row["answer"], language="en").outcome == "correct", row[
            "answer"
        ]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7e9 * 16 / 1e9", 112),
        ("2 * 32 * 32 * 128 * 2", 524288),
        ("-(2 ** 3) + sqrt(16)", -4),
        ("1 - comb(8, 3) / comb(10, 3)", 1 - 56 / 120),
        ("max(ceil(2.1), floor(3.9), log2(4))", 3),
        ("exp(log(10)) - log10(100)", 8),
    ],
)
def test_plain_arithmetic_is_computed(expression, value):
    assert evaluate(expression) == pytest.approx(value)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').getcwd()",
        "(1).__class__",
        "x + 1",
        "9 ** 9 ** 9 ** 9",
        "comb(100000, 50000)",
        "[1 for _ in (1, 2)]",
        "open('a')",
        "1 if 1 else 2",
        "'a' * 9",
        "sqrt(-1)",
        "1 / 0",
        "1 +",
        "1" + " + 1" * 200,
        "True",
    ],
)
def test_anything_else_is_refused(expression):
    with pytest.raises(KindError):
        evaluate(expression)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"answer": {"value": 113, "unit": "GB", "tolerance": {"kind": "relative", "value": 0.02}}}, "check"),
        ({"check": None}, "check"),
        ({"check": "7e9 * bytes"}, "check"),
        (
            {"answer": {"value": math.inf, "unit": "GB", "tolerance": {"kind": "relative", "value": 0.02}}},
            "answer.value",
        ),
        (
            {"answer": {"value": 112, "unit": "gigs", "tolerance": {"kind": "relative", "value": 0.02}}},
            "answer.unit",
        ),
        (
            {"answer": {"value": 112, "unit": "GB", "tolerance": {"kind": "rel", "value": 1}}},
            "answer.tolerance.kind",
        ),
        (
            {"answer": {"value": 112, "unit": "GB", "tolerance": {"kind": "significant", "value": 0.5}}},
            "answer.tolerance.value",
        ),
        ({"answer": 112}, "answer"),
    ],
)
def test_numeric_faults_are_named(body, changes, path):
    assert [problem.path for problem in NUMERIC.validate(body("numeric", **changes))] == [path]


def test_units():
    assert factor("GiB", "GB") == pytest.approx(1.073741824)
    assert factor("GB", "") is None
    assert factor("byte", "bit") == pytest.approx(8)
    assert factor("TFLOPS", canonical("GFLOP/s") or "") == pytest.approx(1000)
    assert canonical("TFLOPs") == "TFLOP"
    assert [name for name in ("in", "a", "total", "gigs", "byte/") if is_unit(name)] == []


@pytest.mark.parametrize("unit", sorted(_LABELS))
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_a_shown_unit_reads_back_as_itself(unit, language):
    shown_as = canonical(label(unit, language))
    assert shown_as is not None
    assert factor(shown_as, unit) == pytest.approx(1)


@pytest.mark.parametrize(
    "unit",
    ["GB", "GiB", "token/s", "bit/byte", "FLOP/byte", "GPU hours", "TFLOPS", "1/s", "%", "tokens/s/GPU"],
)
def test_an_extracted_quantity_reads_back_as_itself(unit):
    found = read_answer(f"12.5 {unit}", canonical(unit))
    assert found is not None
    again = read_answer(str(found), canonical(unit))
    assert again is not None
    assert again.within(canonical(unit)) == found.within(canonical(unit)) == 12.5
