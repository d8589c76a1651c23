"""Files that other programs wrote, as their manuals show them."""

from __future__ import annotations

import pytest

from questions.exchange import FORMATS
from questions.exchange.record import Record, Row

GIFT = """
// true/false
::Q1:: 1+1\\=2 {T}

::Q2:: What's between orange and green in the spectrum?
{ =yellow # right; good! ~red # wrong, it's yellow ~blue # wrong, it's yellow }

::Q3:: Two plus {=two =2} equals four.

::Q4:: What is a number from 1 to 5? {#3:2}

::Q5:: What is a number from 1 to 5? {#1..5}

$CATEGORY: $course$/top

::Q6:: Which people are entombed in Grant's tomb? {
   ~%-50%No one
   ~%50%Grant
   ~%50%Grant's wife
   ~%-50%Grant's father
}

How are you? {}

::Q8:: Match {=cat -> cat food =dog -> dog food}

You can use your pencil for these next questions.
"""

MOODLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<quiz>
 <question type="category"><category><text>$course$/F1</text></category></question>
 <question type="multichoice">
  <name><text>Name of question</text></name>
  <questiontext format="html"><text><![CDATA[<p>What is <b>$$x$$</b>,
   with <code>a&lt;b</code>?</p><ul><li>one</li></ul>]]></text></questiontext>
  <answer fraction="100"><text>The correct answer</text><feedback><text>Correct!</text></feedback></answer>
  <answer fraction="0"><text>A distractor</text><feedback><text>Ooops!</text></feedback></answer>
  <shuffleanswers>1</shuffleanswers><single>true</single>
 </question>
 <question type="truefalse"><name><text>tf</text></name><questiontext format="html"><text>True?</text></questiontext>
  <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
 <question type="shortanswer"><name><text>sa</text></name><questiontext format="html"><text>Say it</text></questiontext>
  <answer fraction="100"><text>The right one</text></answer><answer fraction="0"><text>Wrong</text></answer></question>
 <question type="numerical"><name><text>n</text></name><questiontext format="html"><text>6*7?</text></questiontext>
  <answer fraction="100"><text>42</text><tolerance>0.5</tolerance></answer></question>
 <question type="cloze"><name><text>c</text></name><questiontext format="html"><text>{1:SA:=x}</text></questiontext></question>
</quiz>"""

QTI = b"""<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="choice" title="Unattended Luggage"
 adaptive="false" time-dependent="false" xml:lang="en-US">
 <qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">
  <qti-correct-response><qti-value>ChoiceA</qti-value></qti-correct-response></qti-response-declaration>
 <qti-item-body><p>Look at the text in the picture.</p>
  <qti-choice-interaction response-identifier="RESPONSE" shuffle="false" max-choices="1">
   <qti-prompt>What does it say?</qti-prompt>
   <qti-simple-choice identifier="ChoiceA">You must stay with your luggage at all times.</qti-simple-choice>
   <qti-simple-choice identifier="ChoiceB">Do not let someone else look after your luggage.</qti-simple-choice>
  </qti-choice-interaction></qti-item-body></qti-assessment-item>"""


def read(name: str, data: bytes) -> tuple[list[Record], list[Row]]:
    rows = list(FORMATS[name].read(data))
    return [row.record for row in rows if row.record], [row for row in rows if row.record is None]


def test_gift_as_its_manual_has_it() -> None:
    found, refused = read("gift", GIFT.encode())
    by = {record.slug: record for record in found}
    assert by["q1"].body["stem"] == {"en": "1+1=2"}
    assert [c["text"]["en"] for c in by["q1"].body["choices"]] == ["True", "False"]
    assert by["q2"].kind == "single_choice"
    assert by["q2"].body["choices"][1] == {"text": {"en": "red"}, "rationale": {"en": "wrong, it's yellow"}}
    assert by["q3"].body["answer"]["accepted"]["en"] == ["two", "2"]
    assert by["q3"].body["stem"]["en"] == "Two plus ____ equals four."
    assert by["q4"].body["answer"]["tolerance"] == {"kind": "absolute", "value": 2.0}
    assert by["q5"].body["answer"] == {
        "value": 3.0,
        "unit": "",
        "tolerance": {"kind": "absolute", "value": 2.0},
    }
    assert [c.get("correct", False) for c in by["q6"].body["choices"]] == [False, True, True, False]
    assert by["q6"].kind == "multiple_choice"
    assert by["gift-7"].kind == "long_text"
    assert [row.place for row in refused] == [8, 9]
    assert "matching" in refused[0].problem
    assert "no answers in braces" in refused[1].problem


def test_moodle_xml_as_its_manual_has_it() -> None:
    found, refused = read("moodle_xml", MOODLE)
    by = {record.slug: record for record in found}
    choice = by["name-of-question"]
    assert choice.topic == "F1"
    assert choice.body["stem"]["en"] == "What is **$x$**, with `a<b`?\n\n- one"
    assert choice.body["choices"][0] == {
        "text": {"en": "The correct answer"},
        "correct": True,
        "rationale": {"en": "Correct!"},
    }
    assert [c["text"]["en"] for c in by["tf"].body["choices"]] == ["True", "False"]
    assert by["sa"].body["answer"]["accepted"] == {"en": ["The right one"]}
    assert by["n"].body["answer"]["value"] == 42.0
    assert ["cloze" in row.problem for row in refused] == [True]


def test_qti_as_its_guide_has_it() -> None:
    import io
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("choice.xml", QTI)
        archive.writestr(
            "imsmanifest.xml",
            '<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1" identifier="m"><resources>'
            '<resource identifier="r" type="imsqti_item_xmlv3p0" href="choice.xml"/></resources></manifest>',
        )
    found, refused = read("qti", out.getvalue())
    assert refused == []
    assert found[0].body["stem"]["en"].startswith("Look at the text")
    assert [c.get("correct", False) for c in found[0].body["choices"]] == [True, False]


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("jsonl", b"{", "is no JSON"),
        ("jsonl", b"[]", "write one object a line"),
        ("jsonl", b'{"schema": 2}', 'no "schema": 1'),
        ("jsonl", b'{"schema": 1, "slug": "x"}', "lacks"),
        ("jsonl", b'{"schema": 1, "slug": "x", "kind": "a", "topic": "F1", "body": 3}', "body is 3"),
        ("jsonl", b'{"schema": 1, "slug": NaN}', "no JSON number"),
        ("csv", b"kind,topic,stem_en\nessay,F1,x", "a table holds"),
        ("csv", b"kind,topic,stem_en\nnumeric,F1,x", "tolerance is ''"),
        ("csv", b"kind,topic,choice1_en,correct\nsingle_choice,F1,x,7", "numbers of the right choices"),
        ("csv", b"kind,topic\nnumeric,F1,x", "another number of cells"),
        ("gift", b"::x:: what {#abc}", "number 'abc'"),
        ("markdown", b"## f1-x\n\n- kind: essay\n", "kind is 'essay'"),
        ("markdown", b"## f1-x\n\n- kind: numeric\n\n### en\n\nHow many?\n", "write value"),
    ],
)
def test_a_bad_row_says_what_is_wrong_with_it(name: str, data: bytes, problem: str) -> None:
    found, refused = read(name, data)
    assert found == []
    assert problem in refused[0].problem
