"""Presets as pages show them. They are a pure registry of workers.providers; nothing of it is in the database."""

from dataclasses import dataclass

from django.utils.translation import get_language

from evalhub.words import words
from workers.providers.presets import PRESETS, Preset


@dataclass(frozen=True, slots=True)
class PresetLine:
    """A kind of server to add: its name in addresses, its label, the address it usually has."""

    name: str
    label: str
    base_url: str


def preset_lines() -> list[PresetLine]:
    return [PresetLine(name, words(preset.label), preset.base_url) for name, preset in PRESETS.items()]


def note_of(preset: Preset) -> str:
    """What the preset warns of, in the reader's language."""
    language = "zh-Hans" if (get_language() or "").startswith("zh") else "en"
    return preset.notes.get(language, "")


def preset_of(name: str) -> Preset | None:
    return PRESETS.get(name)
