"""Presets are whole: a provider that exists, quirks that somebody reads, notes in both languages."""

import re
from pathlib import Path

import pytest

import workers.providers
from workers.gateway.egress import check_url
from workers.providers.presets import PRESETS, QUIRKS, Preset, UnknownQuirk, check_quirks
from workers.providers.registry import CATALOGUE

NAMED = {
    "openai",
    "vllm",
    "sglang",
    "llama_cpp",
    "exllama",
    "fastllm",
    "lmdeploy",
    "ollama",
    "dashscope",
    "deepseek",
    "glm",
    "moonshot",
}


def test_the_servers_people_use_are_there() -> None:
    assert set(PRESETS) >= NAMED


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_a_preset_is_whole(preset: Preset) -> None:
    assert preset.provider in CATALOGUE
    check_url(preset.base_url)
    check_quirks(preset.quirks)
    assert set(preset.notes) == {"en", "zh-Hans"}
    assert preset.is_local or (preset.secret_name and preset.base_url.startswith("https://"))


def test_a_misspelt_quirk_is_met_with_the_nearest_name() -> None:
    with pytest.raises(UnknownQuirk, match="Did you mean 'max_tokens_field'"):
        check_quirks({"max_token_field": "x"})


def test_every_quirk_is_read_somewhere() -> None:
    rooms = Path(workers.providers.__file__).parent.parent
    code = "\n".join(
        path.read_text() for room in ("providers", "gateway") for path in (rooms / room).rglob("*.py")
    )
    reads = re.findall(r"""quirks\.get\(\s*["'](\w+)["']""", code)
    assert set(reads) == set(QUIRKS)
