"""Import into the bank and export from it: who owns what, all or nothing, and what is reported."""

import functools
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from evalhub.accounts.models import User
from evalhub.errors import Invalid
from questions.bank import shipped
from questions.bank.exports import export_questions, exportable
from questions.bank.import_report import Defaults
from questions.bank.imports import import_questions
from questions.bank.models import Question, QuestionVersion, Security, Status
from questions.bank.services import load_shipped

pytestmark = pytest.mark.django_db
SHIPPED = functools.cache(shipped.questions)


@pytest.fixture
def bank() -> list[shipped.ShippedQuestion]:
    """Twelve shipped questions of several kinds and one family, with all topics."""
    chosen = [*SHIPPED()[:11], SHIPPED()[-1]]
    load_shipped(questions=chosen)
    return chosen


def jsonl(*changes: dict[str, Any], count: int = 3) -> bytes:
    """Rows of shipped questions, each changed into another one."""
    rows = []
    for number, question in enumerate(q for q in SHIPPED()[40 : 40 + count]):
        row = {
            "schema": 1,
            "slug": question.slug,
            "kind": question.kind,
            "topic": question.topic,
            "body": question.body,
            "licence": "CC-BY-4.0",
            **(changes[number] if number < len(changes) else {}),
        }
        rows.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(rows).encode()


def put(data: bytes, owner: User, **options: Any) -> Any:
    return import_questions(data=data, format_name="jsonl", owner=owner, **options)


def test_imported_questions_are_drafts_of_the_person_who_imports(bank: Any, alice: User) -> None:
    report = put(jsonl(), alice)
    assert report.is_written
    assert [row.outcome for row in report.rows] == ["added"] * 3
    for question in Question.objects.filter(owner=alice):
        assert (question.status, question.is_public, question.current.number) == (Status.DRAFT, False, 1)
        assert question.current.provenance == "imported"
        assert question.current.licence == "CC-BY-4.0"
        assert question.current.topic_id in question.current.topics.values_list("code", flat=True)
    assert Question.objects.filter(owner=alice).count() == 3


def test_a_dry_run_reports_the_same_and_writes_nothing(bank: Any, alice: User) -> None:
    before = Question.objects.count(), QuestionVersion.objects.count()
    report = put(jsonl(), alice, is_dry_run=True)
    assert (report.count("added"), report.is_written) == (3, False)
    assert (Question.objects.count(), QuestionVersion.objects.count()) == before


def test_one_bad_row_keeps_all_out_and_every_row_is_reported(bank: Any, alice: User) -> None:
    report = put(jsonl({}, {"licence": "Nobody knows"}, {"topic": "Z9"}), alice)
    assert [row.outcome for row in report.rows] == ["added", "refused", "refused"]
    assert "SPDX" in report.rows[1].problem
    assert "'Z9'" in report.rows[2].problem
    assert not report.is_written
    assert not Question.objects.filter(owner=alice).exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"licence": ""}, "licence is ''"),
        ({"kind": "riddle"}, "kind is 'riddle'"),
        ({"uuid": "7"}, "uuid is '7'"),
        ({"family": "f9-nothing"}, "family is 'f9-nothing'"),
        ({"body": {"stem": {"fr": "Quoi ?"}}, "kind": "short_text"}, "no stem"),
        ({"body": {"stem": {"en": "What?"}, "choices": []}, "kind": "single_choice"}, "no choice as right"),
    ],
)
def test_what_cannot_even_be_a_draft_is_refused(bank: Any, alice: User, change: Any, problem: str) -> None:
    (row,) = put(jsonl(change, count=1), alice).rows
    assert row.outcome == "refused"
    assert problem in row.problem


def test_defaults_fill_what_a_file_does_not_say(bank: Any, alice: User) -> None:
    report = import_questions(
        data=b"::one:: What is two and two? {=4 =four}",
        format_name="gift",
        owner=alice,
        defaults=Defaults(topic="F1", licence="cc0-1.0", author="Ada"),
    )
    version = Question.objects.get(owner=alice).current
    assert (version.topic_id, version.licence, version.author) == ("F1", "CC0-1.0", "Ada")
    assert (version.stage, version.difficulty) == (1, 3)
    assert any("zh-Hans" in note for note in report.rows[0].notes)


def test_the_same_file_twice_adds_nothing_more(bank: Any, alice: User) -> None:
    put(jsonl(), alice)
    again = put(jsonl(), alice)
    assert again.count("duplicate") == 3
    assert Question.objects.filter(owner=alice).count() == 3


def test_a_bank_exported_and_imported_into_an_empty_one_is_the_same(bank: Any, alice: User) -> None:
    data, loss = export_questions(exportable(), "jsonl")
    assert loss.written == 12
    before = {
        str(q.uuid): (q.slug, q.current.body, q.current.content_hash, q.current.family) for q in exportable()
    }
    Question.objects.update(current=None)
    QuestionVersion.objects.all().delete()
    Question.objects.all().delete()
    assert put(data, alice).count("added") == 12
    after = {
        str(q.uuid): (q.slug, q.current.body, q.current.content_hash, q.current.family) for q in exportable()
    }
    assert after == before


def test_near_duplicates_are_reported_and_left_to_the_editor(bank: Any, alice: User) -> None:
    twin = dict(bank[0].body)
    twin["stem"] = {name: f"{text} !" for name, text in bank[0].body["stem"].items()}
    twin["solution"] = {"en": "Other.", "zh-Hans": "别的。"}
    twin["stem"]["en"] += " Think twice."
    change = {"body": twin, "kind": bank[0].kind, "topic": bank[0].topic, "slug": bank[0].slug}
    (row,) = put(jsonl(change, count=1), alice).rows
    assert row.outcome == "added"
    assert row.similar[0][0] == bank[0].slug
    assert row.similar[0][1] > 0.6
    assert row.slug == f"{bank[0].slug}-2"
    assert any("was taken" in note for note in row.notes)


def test_what_others_hold_is_neither_shown_nor_touched(bank: Any, alice: User, charlie: User) -> None:
    put(jsonl({"uuid": "6f2b51c6-5f0e-5f0c-9d53-3c1c2f0a7e11"}, count=1), alice)
    report = put(jsonl({"uuid": "6f2b51c6-5f0e-5f0c-9d53-3c1c2f0a7e11"}, count=1), charlie)
    assert [row.outcome for row in report.rows] == ["added"]
    assert report.rows[0].similar == []
    assert Question.objects.get(owner=charlie).uuid != Question.objects.get(owner=alice).uuid


def test_held_out_questions_are_exported_only_on_request(bank: Any) -> None:
    Question.objects.filter(slug=bank[0].slug).update(security=Security.HELD_OUT)
    assert export_questions(exportable(), "jsonl")[1].written == 11
    assert export_questions(exportable(with_held_out=True), "jsonl")[1].written == 12


def test_an_unreadable_file_and_an_unknown_format_are_named(bank: Any, alice: User) -> None:
    with pytest.raises(Invalid, match="Did you mean 'gift'"):
        import_questions(data=b"x", format_name="gfit", owner=alice)
    with pytest.raises(Invalid, match="holds no question"):
        import_questions(data=b"# nothing here\n", format_name="markdown", owner=alice)
    with pytest.raises(Invalid, match="No question to export"):
        export_questions(Question.objects.none(), "jsonl")


def test_the_whole_export_takes_one_query(bank: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        export_questions(exportable(), "markdown")


def command(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_the_commands_import_and_export(bank: Any, tmp_path: Path, admin: User) -> None:
    path = tmp_path / "out.jsonl"
    assert "12 questions in" in command("bank_export", str(path), format_name="jsonl")
    loss = json.loads(command("bank_export", str(tmp_path / "o.xml"), format_name="moodle_xml", json=True))
    assert loss["written"] + len(loss["left_out"]) == 12
    told = json.loads(command("bank_import", str(path), format_name="jsonl", json=True, dry_run=True))
    assert (told["duplicate"], told["added"], told["is_written"]) == (12, 0, False)
    path.write_bytes(jsonl())
    assert "3 rows written: 3 added" in command("bank_import", str(path), format_name="jsonl")
    assert Question.objects.filter(owner=admin).count() == 3


def test_a_refused_import_ends_with_an_error(bank: Any, tmp_path: Path, alice: User) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(jsonl({"licence": "?"}))
    with pytest.raises(CommandError, match="1 of 3 rows are refused"):
        command("bank_import", str(path), format_name="jsonl", owner="alice")
    with pytest.raises(CommandError, match="No user is called 'zoe'"):
        command("bank_import", str(path), format_name="jsonl", owner="zoe")
    with pytest.raises(CommandError, match="No such file"):
        command("bank_import", str(tmp_path / "none"), format_name="jsonl", owner="alice")
