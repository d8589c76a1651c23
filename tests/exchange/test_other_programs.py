"""Our exports opened by programs that others wrote: Anki itself, a Moodle XML reader, a GIFT reader."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from questions.exchange import FORMATS
from questions.exchange.anki import guid
from questions.exchange.record import Record

_IN_ANKI = """
import json, sys
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
collection = Collection(sys.argv[1])
for _ in range(2):
    asked = ImportAnkiPackageRequest(package_path=sys.argv[2], options=ImportAnkiPackageOptions())
    log = collection.import_anki_package(asked).log
    print(json.dumps({"new": len(log.new), "notes": collection.note_count(), "cards": collection.card_count()}))
note = collection.get_note(collection.find_notes("tag:kind::single_choice tag:en")[0])
card = note.cards()[0]
decks = sorted(deck.name for deck in collection.decks.all_names_and_ids())
print(json.dumps({"decks": decks, "question": card.question(), "answer": card.answer()}))
collection.close()
"""


def test_anki_opens_the_deck_and_knows_its_notes_again(tmp_path: Path, some: list[Record]) -> None:
    """In a process of its own, as Anki's library expects; a second import adds nothing."""
    pytest.importorskip("anki")
    deck = tmp_path / "bank.apkg"
    deck.write_bytes(FORMATS["anki"].write(some)[0])
    ran = subprocess.run(
        [sys.executable, "-c", _IN_ANKI, str(tmp_path / "c.anki2"), str(deck)],
        capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    first, second, shown = (json.loads(line) for line in ran.stdout.strip().splitlines())
    assert first == {"new": 2 * len(some), "notes": 2 * len(some), "cards": 2 * len(some)}
    assert second == {**first, "new": 0}
    assert {"EvalHub questions", "EvalHub 题库"} <= set(shown["decks"])
    assert '<ol type="A">' in shown["question"]
    assert "<hr id" in shown["answer"]


def test_a_notes_identifier_is_made_of_id_and_language_alone(some: list[Record]) -> None:
    changed = dataclasses.replace(some[0], version=7, body={**some[0].body, "stem": {"en": "Other?"}})
    assert guid(changed, "en") == guid(some[0], "en") != guid(some[0], "zh-Hans")
    assert len({guid(record, language) for record in some for language in ("en", "zh-Hans")}) == 2 * len(some)


def test_an_independent_moodle_xml_reader_finds_every_choice_and_its_key(everything: list[Record]) -> None:
    reader = pytest.importorskip("moodle_xml_parser.parser")
    data, _ = FORMATS["moodle_xml"].write(everything)
    found = {question.name: question for question in reader.parse_bytes(data)["multichoice"]}
    choices = [record for record in everything if record.kind in ("single_choice", "multiple_choice")]
    assert len(found) == 2 * len(choices) > 500
    for record in choices:
        seen = found[f"{record.slug}.en"]
        assert seen.single == (record.kind == "single_choice")
        right = [choice.get("correct", False) for choice in record.shown["choices"]]
        assert [option.score_fraction > 0 for option in seen.options] == right
        assert sum(
            option.score_fraction for option in seen.options if option.score_fraction > 0
        ) == pytest.approx(100)


def test_an_independent_gift_reader_reads_every_question_as_its_kind(everything: list[Record]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser = pytest.importorskip("pygiftparser.parser")
    data, loss = FORMATS["gift"].write(everything)
    found = parser.parseFile(io.StringIO(data.decode()))
    assert len(found) == 2 * loss.written
    kinds = {record.slug: record.kind for record in everything}
    wanted = {
        "single_choice": "SelectSet",
        "multiple_choice": "MultipleChoicesSet",
        "numeric": "NumericAnswerSet",
        "short_text": "ShortSet",
        "long_text": "Essay",
    }
    # this reader ends the answers at an escaped brace, which GIFT allows; the few formulas with one are left to ours
    sound = [question for question in found if "\\}" not in question.source.partition("{\n")[2]]
    assert len(sound) > 0.8 * len(found)
    for question in sound:
        kind = kinds[question.title.partition(".")[0]]
        assert question.valid
        assert type(question.answers).__name__ == wanted[kind], question.title
