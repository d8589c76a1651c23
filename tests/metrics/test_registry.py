"""The registry every room uses, and its two here."""

import sys

import pytest

from evalhub.metrics import DETECTORS, METRICS
from evalhub.registry import BrokenEntry, Entry, Registry, UnknownEntry

PROVIDERS: Registry[type] = Registry(
    "provider",
    {
        "openai": Entry("OpenAI", "collections.OrderedDict"),
        "broken": Entry("Broken", "collections.NoSuchThing"),
        "bare": Entry("Bare", "nothing"),
    },
)


def test_a_typo_is_met_with_the_nearest_name() -> None:
    with pytest.raises(UnknownEntry) as caught:
        PROVIDERS.get("opnai")
    assert str(caught.value) == "Unknown provider 'opnai'. Did you mean 'openai'?"
    with pytest.raises(UnknownEntry, match="Choose one of: openai, broken, bare"):
        PROVIDERS.label("zzz")
    with pytest.raises(UnknownEntry, match="nothing is registered yet"):
        Registry("kind", {}).get("x")


def test_entries_resolve_lazily_in_the_order_written() -> None:
    assert PROVIDERS.choices() == [("openai", "OpenAI"), ("broken", "Broken"), ("bare", "Bare")]
    assert PROVIDERS.get("openai").__name__ == "OrderedDict"
    assert (len(PROVIDERS), "openai" in PROVIDERS, list(PROVIDERS)) == (3, True, ["openai", "broken", "bare"])
    assert PROVIDERS.label("openai") == "OpenAI"


@pytest.mark.parametrize("name", ["broken", "bare"])
def test_a_path_that_leads_nowhere_says_so(name: str) -> None:
    with pytest.raises(BrokenEntry, match=name):
        PROVIDERS.get(name)


def test_entries_cannot_be_changed_from_outside() -> None:
    with pytest.raises(TypeError):
        PROVIDERS.entries["other"] = Entry("Other", "a.b")  # type: ignore[index]


@pytest.mark.parametrize("registry", [METRICS, DETECTORS], ids=["metrics", "detectors"])
def test_every_entry_resolves_to_something_callable(registry: Registry[object]) -> None:
    for name in registry:
        assert callable(registry.get(name))
        assert registry.label(name)


def test_every_detector_has_its_rate() -> None:
    assert set(DETECTORS) <= set(METRICS)
    assert "torch" not in sys.modules
