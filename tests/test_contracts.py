"""Every entry of every registry keeps its promise, so a new one is tested before its author writes a test."""

import re

import pytest

from evalhub.metrics import METRICS
from evalhub.registry import Registry, UnknownEntry
from questions.families import FAMILIES
from questions.kinds import KINDS
from workers.executors.registry import EXECUTORS, ITEM_EXECUTORS
from workers.providers.registry import CATALOGUE

REGISTRIES = [METRICS, FAMILIES, KINDS, EXECUTORS, ITEM_EXECUTORS, CATALOGUE]
ENTRIES = [(registry, name) for registry in REGISTRIES for name in registry]


@pytest.mark.parametrize(
    ("registry", "name"), ENTRIES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_entry_resolves_and_has_a_label(registry: Registry, name: str) -> None:
    assert registry.get(name) is not None
    assert registry.label(name).strip()
    assert re.fullmatch(r"[a-z][a-z0-9_-]*", name), "names stand in rows and addresses: lower case, no spaces"


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.name)
def test_a_typo_is_met_with_the_nearest_name(registry: Registry) -> None:
    name = next(iter(registry))
    with pytest.raises(UnknownEntry, match=f"Did you mean '{name}'"):
        registry.get(name[:-1] + name[-1] * 2)


@pytest.mark.parametrize("name", list(KINDS))
def test_every_kind_keeps_the_interface(name: str) -> None:
    kind = KINDS.get(name)
    assert kind.name == name
    assert kind.validate({"id": "x"}), "an empty question has faults"


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_provider_says_what_it_can(name: str) -> None:
    provider = CATALOGUE.get(name)
    assert provider.capabilities
