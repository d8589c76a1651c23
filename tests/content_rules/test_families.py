"""Faults of families, found by rendering them."""

from __future__ import annotations

import dataclasses

import pytest

from questions.content_rules.families import family_faults
from questions.content_rules.loading import Taxonomy
from questions.families import FAMILIES

TAXONOMY = Taxonomy({"I1": "I", "F2": "F"})
SOUND = FAMILIES["i1-kv-cache-memory"]


def test_a_sound_family_has_no_faults():
    assert family_faults({SOUND.id: SOUND}.items(), TAXONOMY) == []


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"high": 0.1}, "value", "widen the bounds"),
        ({"verify": lambda p: 1.0}, "value", "differs between `solve` and `verify`"),
        ({"verify": lambda p: 1.0}, "check", "correct one of them"),
        ({"accept": lambda p: False}, "", "accepts none of 1000 draws"),
        ({"topic": "Z1"}, "id", "start it with 'z1-'"),
        ({"also": ["Q7"]}, "also", "names ['Q7']"),
        ({"solve": lambda p: 1 / 0}, "", "ZeroDivisionError"),
    ],
)
def test_each_fault_is_named_once_with_its_first_seed(changes, path, said):
    faults = family_faults({SOUND.id: dataclasses.replace(SOUND, **changes)}.items(), TAXONOMY)
    assert any(
        fault.path == path and said in fault.message and "first at seed" in fault.message for fault in faults
    )


def test_a_family_stands_under_its_own_id():
    assert [fault.path for fault in family_faults({"i1-other": SOUND}.items(), TAXONOMY)] == ["id"]
