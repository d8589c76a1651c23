"""The whole-bank check: each rule broken once, and the bank we ship."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import questions
from questions.content_rules.check import check_bank, question_problems
from questions.content_rules.loading import Content, ContentError, Taxonomy, bodies, parse, read_folder

TAXONOMY = Taxonomy({"S2": "S", "F1": "F"})
SHIPPED = Path(questions.__file__).parent / "content"


def pair(zh: str, en: str) -> dict[str, str]:
    return {"zh-Hans": zh, "en": en}


def question(number: int, *, length: int = 0) -> dict[str, Any]:
    """A sound single-choice question unlike the others; `length` words are added to its right choice."""
    zh = "".join(chr(0x4E00 + (number * 131 + at * 17) % 3000) for at in range(30))
    en = " ".join(f"{number * 7919 + at * 104729:x}" for at in range(12))
    more = "and more " * length
    return {
        "id": f"s2-n{number}",
        "kind": "single_choice",
        "style": "thinking",
        "depth": "explain",
        "audience": ["campus"],
        "stage": 3,
        "difficulty": 2,
        "stem": pair(f"{zh}?", f"{en}?"),
        "choices": [
            {"text": pair(f"对{more}", f"right {more}"), "correct": True},
            {"text": pair("错误一二三", "wrong number one"), "rationale": pair("不对", "No")},
            {"text": pair("错误四五六", "wrong number two"), "rationale": pair("不对", "No")},
            {"text": pair("错误七八九", "wrong number six"), "rationale": pair("不对", "No")},
        ],
        "solution": pair("因为如此。", "Because so."),
    }


def bank(*entries: dict[str, Any], name: str = "S2.yaml", **changes: Any) -> Content:
    return Content({name: {"schema": 1, "topic": "S2", "questions": list(entries), **changes}}, TAXONOMY)


def said(content: Content) -> list[str]:
    return [str(fault) for fault in check_bank(content).faults]


def test_a_sound_bank_is_clean_and_counted():
    report = check_bank(bank(*(question(number) for number in range(30))))
    assert report.is_clean
    assert report.total == 30
    assert report.counts["track"] == {"S": 30, "F": 0}
    assert report.counts["topic"] == {"S2": 30, "F1": 0}
    assert report.counts["kind"] == {"single_choice": 30}
    assert report.counts["language"] == {"zh-Hans": 30, "en": 30}
    assert report.counts["difficulty"] == {"2": 30}
    assert sum(report.positions.values()) == 30
    assert report.longest == {"zh-Hans": 0.0, "en": 0.0}
    assert report.as_dict()["counts"]["stage"] == {"3": 30}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (bank(question(1), name="F1.yaml"), "F1.yaml: topic: is 'S2'; a file is named by its topic"),
        (bank(question(1), schema=2), "S2.yaml: schema: is 2; write 1"),
        (bank(question(1), topics=[]), "S2.yaml: topics: is no field of this format; did you mean 'topic'?"),
        (bank(), "S2.yaml: questions: is no list with an entry; write at least one question"),
        (bank("text"), "S2.yaml: questions: entries [0] are no mappings"),
        (Content({"S2.yaml": []}, TAXONOMY), "S2.yaml: is no mapping; write schema, topic and questions"),
        (
            bank({**question(1), "also": ["Z9"]}),
            "S2.yaml: s2-n1: also: names ['Z9'], which taxonomy.json does not have",
        ),
        (bank({**question(1), "also": ["S2"]}), "S2.yaml: s2-n1: also: repeats the question's own topic"),
        (
            bank({**question(1), "kind": "singlechoice"}),
            "S2.yaml: s2-n1: kind: Unknown kind 'singlechoice'. Did you mean 'single_choice'?",
        ),
        (
            bank(question(1), {**question(2), "id": "s2-n1"}),
            "s2-n1: id: is used twice (S2.yaml, S2.yaml); rename one",
        ),
    ],
)
def test_each_broken_rule_is_named(content, fault):
    assert said(content) == [fault]


def test_near_duplicates_are_named_in_either_language():
    twin = question(2)
    twin["stem"]["en"] = question(1)["stem"]["en"].replace("?", " !")
    assert said(bank(question(1), twin)) == [
        "s2-n1: stem.en: is 1.00 alike to s2-n2 (limit 0.6); ask something else"
    ]


def test_untranslated_sides_are_named():
    swapped = question(1)
    swapped["stem"] = pair("What is it, really?", "这到底是什么东西?")
    assert [p.path for p in question_problems({"topic": "S2", **swapped}, TAXONOMY)] == [
        "stem.zh-Hans",
        "stem.en",
    ]


def test_the_longest_choice_must_not_give_the_answer_away():
    content = bank(*(question(number, length=5 if number < 9 else 0) for number in range(25)))
    faults = said(content)
    assert [fault.split(";")[0] for fault in faults] == [
        f"choices: the right choice is the longest in 36% ({language}, limit 35%)"
        for language in ("zh-Hans", "en")
    ]
    few = bank(*(question(number, length=5) for number in range(9)))
    assert check_bank(few).is_clean


def test_right_choices_must_not_all_stand_in_one_place():
    fixed = [{**question(number), "order": "fixed"} for number in range(25)]
    assert said(bank(*fixed)) == ["choices: the right choices stand unevenly: {'A': 25}"]


def test_a_key_that_stands_twice_is_an_error():
    with pytest.raises(ContentError, match="line 2: stem stands twice"):
        parse("questions:\n- stem: a\n  stem: b\n")
    with pytest.raises(ContentError):
        parse("a: [")
    with pytest.raises(ContentError):
        parse("a: !!python/object/apply:os.getcwd []")


def test_anchors_are_graded_offline_and_compared():
    rubric = [
        {
            "id": name,
            "points": 1,
            "role": "required",
            "text": pair("说", "say"),
            "aliases": {"zh-Hans": [zh], "en": [en]},
        }
        for name, zh, en in (
            ("a", "参考模型", "reference model"),
            ("b", "评论家", "critic"),
            ("c", "奖励", "reward"),
        )
    ]
    long = {
        **copy.deepcopy(question(1)),
        "kind": "long_text",
        "rubric": rubric,
        "reference": pair("参考", "Reference"),
    }
    del long["choices"], long["solution"]
    long["anchors"] = [
        {"language": "zh-Hans", "score": 0.33, "text": "这里需要一个参考模型,别的都忘了。", "met": ["a"]},
        {
            "language": "en",
            "score": 1.0,
            "text": "Reference model, critic and reward model are kept.",
            "met": ["a", "b", "c"],
        },
        {
            "language": "en",
            "score": 0.67,
            "text": "It keeps several large models in memory at once.",
            "met": ["a", "b"],
        },
    ]
    agreement = check_bank(bank(long)).anchors
    assert (agreement.anchors, agreement.criteria, agreement.agreeing) == (3, 9, 7)
    assert agreement.apart == ("s2-n1[2]",)
    assert agreement.mean_distance == pytest.approx((1 / 3 - 0.33 + 0 + 0.67) / 3)


def test_every_shipped_file_is_read():
    content = read_folder(SHIPPED)
    assert len(content.taxonomy.track_of) == 91
    assert all(list(bodies(document)) for document in content.documents.values())
    assert check_bank(content).total == sum(
        len(list(bodies(document))) for document in content.documents.values()
    )
