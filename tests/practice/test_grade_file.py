"""Free text graded offline: the rung, its evidence, and whether it is only provisional."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from questions.practice.offline_grading import BadRow, grade_row, read_row
from questions.practice.similarity import chrf, fit_rising

REFERENCE = "An array is stored in one block, so any element is reached in constant time."
RUBRIC = [
    {"id": "block", "points": 1, "aliases": {"en": ["one block", "contiguous"], "zh-Hans": ["连续"]}},
    {"id": "time", "points": 1, "aliases": ["constant time", "O(1)"]},
    {"id": "list", "points": 1, "role": "penalty", "aliases": ["linked"]},
]


def row(answer: str, **fields: Any) -> dict[str, Any]:
    base = {
        "id": "a",
        "question": "How is an array stored?",
        "reference": REFERENCE,
        "language": "en",
        "max_score": 4,
    }
    return {**base, "answer": answer, **fields}


def test_chrf_of_the_worked_example() -> None:
    assert chrf("abc", "abd") == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert chrf("A B, C!", "abc") == 1.0
    assert chrf("xyz", "abc") == 0.0
    assert chrf("", "abc") == 0.0
    assert chrf("abc", " .") is None
    assert chrf("顺序表连续存储", "顺序表连续存储") == 1.0


def test_chrf_weighs_recall_over_precision() -> None:
    whole = "the key value cache grows with every token of the context"
    assert chrf(whole + " and so on and so forth", whole) > chrf(whole[: len(whole) // 2], whole)


def test_isotonic_regression_of_the_worked_example() -> None:
    curve = fit_rising([1, 2, 3, 4], [0, 3, 1, 4])
    assert curve
    assert [curve(x) for x in (0, 1, 2, 3, 3.5, 4, 9)] == [0, 0, 2, 2, 3, 4, 4]
    assert fit_rising([1, 1, 2], [0, 1, 2]) is None


def test_a_rubric_grades_by_key_points() -> None:
    full = grade_row(
        read_row(row("Elements lie in one block of memory and are read in constant time.", rubric=RUBRIC))
    )
    assert (full.score, full.rung, full.provisional) == (4.0, "key_points", False)
    assert [entry["verdict"] for entry in full.evidence] == ["met", "met", "not_met"]
    assert "one block" in full.evidence[0]["quote"]
    half = grade_row(read_row(row("Every access takes constant time whatever the index is.", rubric=RUBRIC)))
    assert (half.score, half.provisional) == (2.0, True)


def test_without_a_rubric_likeness_decides_provisionally() -> None:
    same, near, far = (
        grade_row(read_row(row(text)))
        for text in (REFERENCE, "It is stored in one block of memory.", "Bananas ripen faster in paper bags.")
    )
    assert same.score == 4.0
    assert same.score > near.score > far.score
    assert {grade.rung for grade in (same, near, far)} == {"similarity"}
    assert same.provisional
    assert near.provisional
    assert near.evidence[0]["note"].startswith("chrF 0.")


def test_the_nearest_of_several_references_counts() -> None:
    found = grade_row(
        read_row(row("连续存储,随机访问", reference=["something else", "连续存储,随机访问"], language="zh"))
    )
    assert found.score == 4.0


def test_graded_samples_turn_likeness_into_scores() -> None:
    anchors = [
        {"text": REFERENCE, "score": 1.0},
        {"text": "It is stored in one block of memory.", "score": 0.9},
        {"text": "Bananas ripen faster in paper bags.", "score": 0.1},
    ]
    found = grade_row(read_row(row("It is stored in one block of memory.", anchors=anchors)))
    assert found.rung == "anchored_similarity"
    assert found.score == pytest.approx(3.6)
    assert grade_row(read_row(row("It is in one block.", anchors=anchors[:2]))).rung == "similarity"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("  ", "empty"), ("How is an array stored?", "echo"), ("array block " * 60, "repeats")],
)
def test_what_is_no_answer_earns_nothing(answer: str, fault: str) -> None:
    found = grade_row(read_row(row(answer)))
    assert (found.score, found.evidence[0]["note"]) == (0.0, fault)


def test_nothing_to_grade_by_is_unscored_not_zero() -> None:
    found = grade_row(read_row(row("An answer of some length.", reference=None)))
    assert (found.score, found.rung, found.provisional) == (None, "unscored", True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_score": 0}, "max_score is 0"),
        ({"max_score": "4"}, "max_score is '4'"),
        ({"rubric": [{"id": "x"}]}, r"rubric\[0\].aliases is None"),
        ({"rubric": [{"id": "x", "aliases": ["y"], "points": -1}]}, r"rubric\[0\].points is -1"),
        ({"rubric": [{"id": "x", "aliases": ["y"], "role": "bonus"}]}, "no required criterion"),
        ({"anchors": [{"text": "x", "score": 7}]}, r"anchors\[0\]"),
    ],
)
def test_a_wrong_row_says_where_and_the_cure(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadRow, match=message):
        read_row(row("x", **change))


def test_the_command_grades_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [row(REFERENCE, id=1), row("one block, constant time, contiguous", id="b", rubric=RUBRIC)]
    source.write_text("\n\n".join(json.dumps(entry) for entry in rows), encoding="utf-8")
    call_command("grade_file", str(source), str(target), "--json")
    found = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [(entry["id"], entry["score"], entry["rung"]) for entry in found] == [
        (1, 4.0, "similarity"),
        ("b", 4.0, "key_points"),
    ]
    assert {"score", "rung", "evidence", "provisional"} <= set(found[0])
    assert json.loads(capsys.readouterr().out) == {
        "rows": 2,
        "provisional": 1,
        "rungs": {"similarity": 1, "key_points": 1},
    }


def test_the_command_names_the_line_it_cannot_read(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(row("x")) + "\n{", encoding="utf-8")
    with pytest.raises(CommandError, match="line 2"):
        call_command("grade_file", str(source), str(tmp_path / "out.jsonl"))
    with pytest.raises(CommandError, match="the input too"):
        call_command("grade_file", str(source), str(source))
    with pytest.raises(CommandError, match="no file"):
        call_command("grade_file", str(tmp_path / "absent"), str(tmp_path / "out.jsonl"))
