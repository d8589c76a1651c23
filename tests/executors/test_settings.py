"""Run settings: their trip through JSON, what is refused, and seeds that follow from run, item and repeat."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.executors.base import RunSettings, SettingsError, Shot, derived_seed, failed_result
from workers.executors.registry import EXECUTORS
from workers.providers import errors

FULL = RunSettings(
    method="letters",
    temperature=0.7,
    max_tokens=64,
    top_p=0.9,
    stop=("\n", "Q:"),
    system_prompt="简洁",
    few_shot=(Shot("1+1?", "2"),),
    seed=7,
    repeats=3,
    language="en",
    chat_template=True,
    response_format={"type": "json_object"},
    grammar="root ::= [A-D]",
    stream=True,
    extra={"top_k": 5},
)


@pytest.mark.parametrize("settings", [RunSettings(), FULL])
def test_settings_survive_json(settings: RunSettings) -> None:
    assert RunSettings.from_dict(orjson.loads(orjson.dumps(settings.as_dict()))) == settings


def test_what_is_left_out_is_the_default() -> None:
    assert RunSettings.from_dict({"max_tokens": 5}) == RunSettings(max_tokens=5)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"method": "guess"}, "chat"),
        ({"repeats": 0}, "at least once"),
        ({"temperature": 3.0}, "0 to 2"),
        ({"max_tokens": 0}, "at least 1"),
        ({"max_token": 5}, "Unknown run settings"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_the_cure(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        RunSettings.from_dict(wrong)


def test_a_seed_is_the_same_on_every_machine() -> None:
    assert derived_seed(7, "q1", 0) == 409_749_945  # printf "7|q1|0" | sha256sum, first 31 bits


@given(st.integers(), st.text(), st.integers(0, 1000))
def test_seeds_fit_every_server_and_differ_by_repeat(run: int, item: str, repeat: int) -> None:
    seed = derived_seed(run, item, repeat)
    assert 0 <= seed < 2**31
    assert seed != derived_seed(run, item, repeat + 1) or seed != derived_seed(run, item, repeat + 2)


def test_every_executor_renders_and_settles() -> None:
    for name in EXECUTORS:
        executor = EXECUTORS.get(name)
        assert callable(executor.render)
        assert callable(executor.settle)


def test_a_failed_request_has_no_score_and_a_filtered_one_is_a_refusal() -> None:
    failed = failed_result(errors.ServerError("down", status=500))
    assert (failed.outcome, failed.score, failed.error_class) == ("failed", None, "server_error")
    filtered = failed_result(errors.ContentFiltered("no"))
    assert (filtered.outcome, filtered.score) == ("refused", 0.0)
