"""Both languages are whole: every message of code and templates has its Chinese, and what runs is what is written."""

import re

import polib
import pytest
from django.utils import translation

from evalhub.accounts.models import ROLES
from evalhub.stats.interval import METHODS
from evalhub.web import catalogue, methods
from evalhub.words import LABELS, words
from questions.kinds import KINDS
from workers.executors.registry import EXECUTORS
from workers.providers.registry import CATALOGUE

CURE = (
    "run: scripts/i18n, write the Chinese into evalhub/locale/zh_Hans/LC_MESSAGES/django.po, and run it again"
)
PLACE = re.compile(r"%\((\w+)\)[\d.]*[sdf]|%[sd]")


@pytest.fixture(scope="module")
def written() -> dict[catalogue.Message, polib.POEntry]:
    return {
        catalogue.Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or ""): entry
        for entry in polib.pofile(str(catalogue.PO))
        if not entry.obsolete
    }


@pytest.fixture(scope="module")
def said() -> set[catalogue.Message]:
    return set(catalogue.found_messages())


def chinese(entry: polib.POEntry) -> str:
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def test_every_message_has_its_chinese(
    said: set[catalogue.Message], written: dict[catalogue.Message, polib.POEntry]
) -> None:
    assert len(said) > 300
    missing = [m.text for m in said if m not in written or not chinese(written[m]) or written[m].fuzzy]
    assert not missing, CURE


def test_nothing_is_kept_that_nobody_says(
    said: set[catalogue.Message], written: dict[catalogue.Message, polib.POEntry]
) -> None:
    assert not [message.text for message in written if message not in said], CURE


def test_places_for_values_survive_translation(written: dict[catalogue.Message, polib.POEntry]) -> None:
    for message, entry in written.items():
        wanted = set(PLACE.findall(message.plural or message.text))
        assert set(PLACE.findall(chinese(entry))) == (wanted if chinese(entry) else set()), message.text


def test_the_compiled_file_is_the_written_one(written: dict[catalogue.Message, polib.POEntry]) -> None:
    compiled = {(e.msgctxt or "", e.msgid): chinese(e) for e in polib.mofile(str(catalogue.MO))}
    assert compiled == {(m.context, m.text): chinese(e) for m, e in written.items() if chinese(e)}, CURE


def test_every_label_of_a_registry_is_in_the_dictionary() -> None:
    labels = {
        entry.label for registry in (KINDS, EXECUTORS, CATALOGUE) for entry in registry.entries.values()
    }
    assert (labels | set(ROLES)) <= set(LABELS)


def test_every_method_of_the_statistics_room_has_a_word() -> None:
    assert set(METHODS) <= set(methods.LABELS)


def test_words_are_chosen_when_they_are_shown() -> None:
    with translation.override("zh-hans"):
        assert words("Single choice") == "单选"
        assert words("Something new") == "Something new"
    with translation.override("en"):
        assert words("Single choice") == "Single choice"
