"""What each format brings back, and that it says what it does not."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from questions.exchange import FORMATS
from questions.exchange.record import ExchangeError, Record
from questions.exchange.sheet import KINDS

READERS = [name for name in FORMATS if FORMATS[name].reads]
TEXTS = ("stem", "choices", "steps", "style", "depth", "audience", "stage", "difficulty", "also")
KEPT = {
    "jsonl": (*TEXTS, "solution", "answer", "reference", "rubric", "anchors", "references", "check", "nodes"),
    "csv": (*TEXTS, "solution", "answer", "reference", "rubric", "references", "check"),
    "moodle_xml": (*TEXTS, "reference"),
    "gift": (*TEXTS, "reference"),
    "qti": (*TEXTS, "reference"),
    "markdown": (*TEXTS, "solution", "reference"),
}


@pytest.mark.parametrize("name", READERS)
def test_what_is_written_is_read_back(name: str, everything: list[Record]) -> None:
    """Every shipped question, field by field; without formats' own limits nothing may change."""
    data, loss = FORMATS[name].write(everything)
    rows = list(FORMATS[name].read(data))
    assert [row.problem for row in rows if row.record is None] == []
    found = {row.record.slug: row.record for row in rows if row.record}
    assert len(found) == loss.written == len(everything) - len(loss.left_out)
    for record in everything:
        if record.slug in found:
            back = found[record.slug]
            assert (back.kind, back.topic, back.licence, back.author) == (
                record.kind,
                record.topic,
                "CC-BY-4.0",
                "EvalHub",
            )
            body = record.body if name == "jsonl" else record.shown
            assert {field: back.body.get(field) or None for field in KEPT[name]} == {
                field: body.get(field) or None for field in KEPT[name]
            }


@pytest.mark.parametrize("name", [name for name in READERS if name not in ("jsonl", "csv")])
def test_numbers_keep_value_unit_and_room(name: str, everything: list[Record]) -> None:
    numeric = [record for record in everything if record.kind == "numeric" and not record.family]
    found = {
        row.record.slug: row.record.body["answer"]
        for row in FORMATS[name].read(FORMATS[name].write(numeric)[0])
    }
    for record in numeric:
        answer, back = record.body["answer"], found[record.slug]
        assert back["value"] == answer["value"]
        if name != "qti" or answer["unit"]:
            assert back["unit"] == answer["unit"]
        room = answer["tolerance"]
        if room["kind"] == "relative":
            assert back["tolerance"]["value"] == pytest.approx(abs(answer["value"]) * room["value"])
        if room["kind"] == "absolute":
            assert back["tolerance"] == room


def test_jsonl_loses_nothing_at_all(everything: list[Record]) -> None:
    data, loss = FORMATS["jsonl"].write(everything)
    assert [row.record for row in FORMATS["jsonl"].read(data)] == everything
    assert (loss.written, loss.left_out, loss.lost) == (len(everything), (), {})


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "jsonl"])
def test_every_other_format_says_what_it_lost(name: str, some: list[Record]) -> None:
    _, loss = FORMATS[name].write(some)
    assert loss.written + len(loss.left_out) == len(some)
    assert loss.lost
    assert all(0 < count <= loss.written for count in loss.lost.values())
    left = {slug for slug, _ in loss.left_out}
    kinds = {record.kind for record in some if record.slug in left}
    assert not kinds & {"single_choice", "multiple_choice", "numeric", "short_text", "long_text"}
    assert json.dumps(loss.as_dict())


@pytest.mark.parametrize("name", FORMATS)
def test_no_question_at_all_is_a_file_with_nothing_in_it(name: str) -> None:
    data, loss = FORMATS[name].write([])
    assert loss.written == 0
    assert isinstance(data, bytes)


@pytest.mark.parametrize("name", ["jsonl", "csv", "moodle_xml", "gift", "markdown", "qti"])
def test_the_same_questions_give_the_same_bytes(name: str, some: list[Record]) -> None:
    assert FORMATS[name].write(some)[0] == FORMATS[name].write(some)[0]


NASTY = "a=b ~c #d {e} :f: \\g | \"h\" 'i', <b>&amp;</b> ]]> -> %50% \t$x_1^2 \\le y$ 中文：「好」"


@pytest.mark.parametrize("name", READERS)
def test_signs_that_mean_something_to_a_format_survive_it(name: str) -> None:
    record = Record(
        slug="f1-nasty",
        kind="single_choice",
        topic="F1",
        body={
            "id": "f1-nasty",
            "kind": "single_choice",
            "stem": {"en": f"What is {NASTY}?"},
            "choices": [
                {"text": {"en": f"={NASTY}"}, "correct": True},
                {"text": {"en": f"~ {NASTY}."}, "rationale": {"en": f"#{NASTY}"}},
                {"text": {"en": "+1"}, "rationale": {"en": "@sum"}},
            ],
        },
        licence="MIT",
    )
    (row,) = FORMATS[name].read(FORMATS[name].write([record])[0])

    def flat(text: str) -> str:
        return " ".join(text.replace("&amp;", "&").split())

    assert row.record is not None
    assert flat(row.record.body["stem"]["en"]) == flat(record.body["stem"]["en"])
    for back, choice in zip(row.record.body["choices"], record.body["choices"], strict=True):
        assert flat(back["text"]["en"]) == flat(choice["text"]["en"])
        assert bool(back.get("correct")) == bool(choice.get("correct"))


def test_one_language_alone_is_carried(some: list[Record]) -> None:
    record = next(record for record in some if record.kind == "single_choice" and not record.family)
    body = json.loads(json.dumps(record.body))
    for pair in (body["stem"], body["solution"], *(choice["text"] for choice in body["choices"])):
        del pair["zh-Hans"]
    for choice in body["choices"]:
        choice.pop("rationale", None)
    for name in READERS:
        (row,) = FORMATS[name].read(FORMATS[name].write([replace(record, body=body)])[0])
        assert row.record is not None
        assert set(row.record.body["stem"]) == {"en"}, name


def test_a_spreadsheet_runs_no_formula_of_ours() -> None:
    body = {
        "id": "f1-x",
        "kind": "short_text",
        "stem": {"en": '=HYPERLINK("https://x")'},
        "answer": {"accepted": {}},
    }
    data, _ = FORMATS["csv"].write([Record("f1-x", "short_text", "F1", body, licence="MIT")])
    (cells,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert cells["stem_en"].startswith("'=")
    (row,) = FORMATS["csv"].read(data)
    assert row.record is not None
    assert row.record.body["stem"]["en"] == '=HYPERLINK("https://x")'


def test_anki_is_written_and_never_read() -> None:
    with pytest.raises(ExchangeError, match="written, not read"):
        FORMATS["anki"].read(b"x")


def test_sheets_cover_the_kinds_that_fit_one_page() -> None:
    assert set(KINDS) == {
        "single_choice",
        "multiple_choice",
        "numeric",
        "short_text",
        "ordering",
        "long_text",
    }
