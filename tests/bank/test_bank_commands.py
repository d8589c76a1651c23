"""bank_check and bank_stats."""

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from questions.bank import shipped
from questions.bank.counts import FACETS, database_counts, shipped_counts
from questions.bank.models import Question, Status
from questions.bank.services import load_shipped
from questions.content_rules.families import family_faults
from questions.content_rules.loading import Taxonomy
from questions.families import FAMILIES


def command(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def small_bank(folder: Path, **changes: str) -> Path:
    """One shipped file and the taxonomy, with words of it replaced."""
    shutil.copy(shipped.CONTENT / "taxonomy.json", folder)
    text = (shipped.CONTENT / "F1.yaml").read_text("utf-8")
    for old, new in changes.items():
        text = text.replace(old, new, 1)
    (folder / "F1.yaml").write_text(text, "utf-8")
    return folder


def test_a_sound_folder_passes_and_is_counted(tmp_path: Path) -> None:
    said = command("bank_check", content=small_bank(tmp_path))
    assert "0 faults" in said
    assert f"{len(FAMILIES)} families" in said


def test_every_fault_is_listed_and_the_exit_code_is_1(tmp_path: Path) -> None:
    folder = small_bank(tmp_path, difficulty="difficulti", https="ftp")
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("bank_check", content=folder, stdout=out)
    assert caught.value.returncode == 1
    assert "difficulti" in out.getvalue()
    assert "difficulty" in out.getvalue()
    told = StringIO()
    with pytest.raises(CommandError):
        call_command("bank_check", content=folder, json=True, stdout=told)
    report = json.loads(told.getvalue())
    assert not report["is_clean"]
    assert {fault["file"] for fault in report["faults"]} == {"F1.yaml"}


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (small_bank(tmp_path) / "F1.yaml").write_text("a: [", "utf-8")
    with pytest.raises(CommandError, match=r"F1\.yaml"):
        command("bank_check", content=tmp_path)


def test_a_family_whose_two_ways_disagree_or_whose_bounds_are_left_is_a_fault() -> None:
    import dataclasses

    name, family = "p9-six-nd-compute", FAMILIES["p9-six-nd-compute"]
    taxonomy = Taxonomy({topic.code: topic.track for topic in shipped.topics()})
    assert family_faults([(name, family)], taxonomy) == []
    wrong = dataclasses.replace(family, verify=lambda params: family.verify(params) * 1.5, high=family.low)
    said = " ".join(str(fault) for fault in family_faults([("other-name", wrong)], taxonomy))
    assert "differs between" in said
    assert "leaves [" in said
    assert "register it under its own id" in said
    (clash,) = family_faults([(name, family)], taxonomy, {name})
    assert "id of a written question" in clash.message


@pytest.mark.django_db
def test_the_database_and_the_files_count_alike() -> None:
    assert json.loads(command("bank_stats", json=True))["source"] == "files"
    load_shipped()
    counted, files = database_counts(), shipped_counts()
    assert counted.by == files.by
    assert (counted.total, counted.families) == (files.total, len(FAMILIES))
    Question.objects.filter(current__topic="F1").update(status=Status.RETIRED)
    told = json.loads(command("bank_stats", json=True))
    assert told["source"] == "database"
    assert told["topic"]["F1"] == 0
    assert told["total"] < files.total
    assert json.loads(command("bank_stats", json=True, files=True))["total"] == files.total
    assert all(f"{facet}: " in command("bank_stats") for facet in FACETS)


@pytest.mark.django_db
def test_counting_takes_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        database_counts()
