"""Loading the shipped bank: idempotent, versions what changed, retires what is gone."""

import dataclasses
from collections.abc import Sequence

import pytest

from evalhub.errors import NotReady
from questions.bank import shipped
from questions.bank.models import Question, QuestionVersion, Status, Topic
from questions.bank.services import load_shipped

pytestmark = pytest.mark.django_db

BODY = {"id": "f1-x", "kind": "short_text", "stem": {"en": "One?", "zh-Hans": "一?"}}
META = {
    "style": "fundamentals",
    "depth": "recall",
    "stage": 3,
    "difficulty": 1,
    "audience": ["campus"],
    "also": ["F4"],
}


def question(**changes: object) -> shipped.ShippedQuestion:
    first = shipped.ShippedQuestion("f1-x", "short_text", "F1", BODY, META)
    return dataclasses.replace(first, **changes)


def test_loads_all_topics_and_every_question_of_the_files(
    shipped_questions: Sequence[shipped.ShippedQuestion],
) -> None:
    loaded = load_shipped(questions=shipped_questions)
    assert Topic.objects.count() == 91
    assert loaded.added == len(shipped_questions) == Question.objects.published().count() > 100


def test_a_second_load_changes_nothing() -> None:
    load_shipped(questions=[question()])
    again = load_shipped(questions=[question()])
    assert (again.added, again.changed, again.unchanged, again.retired) == (0, 0, 1, 0)
    assert QuestionVersion.objects.count() == 1


def test_changed_content_gets_a_new_version_and_keeps_the_old() -> None:
    load_shipped(questions=[question()])
    load_shipped(questions=[question(body={**BODY, "stem": {"en": "Two?", "zh-Hans": "二?"}})])
    stored = Question.objects.get()
    assert [version.number for version in stored.versions.all()] == [2, 1]
    assert stored.current.body["stem"]["en"] == "Two?"
    assert set(stored.current.topics.values_list("code", flat=True)) == {"F1", "F4"}


def test_a_question_that_left_the_files_is_retired_not_deleted_and_can_come_back() -> None:
    load_shipped(questions=[question()])
    assert load_shipped(questions=[]).retired == 1
    assert Question.objects.get().status == Status.RETIRED
    load_shipped(questions=[question()])
    assert Question.objects.get().status == Status.APPROVED


def test_a_version_never_changes() -> None:
    load_shipped(questions=[question()])
    version = QuestionVersion.objects.get()
    version.difficulty = 5
    with pytest.raises(NotReady, match="Add a new version"):
        version.save()


def test_the_files_cover_every_topic_in_both_languages(
    shipped_questions: Sequence[shipped.ShippedQuestion],
) -> None:
    questions = [q for q in shipped_questions if not q.family]
    assert {q.topic for q in questions} == {topic.code for topic in shipped.topics()}
    asked = [
        text
        for q in questions
        for text in (q.body.get("stem"), *(n["ask"] for n in q.body.get("nodes", [])))
        if text
    ]
    assert all(text["zh-Hans"].strip() and text["en"].strip() for text in asked)
