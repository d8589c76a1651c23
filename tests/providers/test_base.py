"""Target, Ask and Reply: what is hidden, what is hashed, what shares a limit."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.providers.base import Ask, Limits, Target
from workers.providers.errors import InvalidRequest

CHAT = Ask("chat", messages=({"role": "user", "content": "你好"},), temperature=0.0)


def test_a_key_never_shows_in_a_repr() -> None:
    target = Target(
        "openai_chat", "http://x/v1", "m", api_key="sk-secret", extra_headers={"X-Org": "acme-secret"}
    )
    assert "secret" not in repr(target)


def test_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CHAT.temperature = 1.0  # type: ignore[misc]


def test_canonical_leaves_defaults_out_and_sorts_keys() -> None:
    assert (
        CHAT.canonical()
        == '{"kind":"chat","messages":[{"content":"你好","role":"user"}],"temperature":0.0}'.encode()
    )


def test_canonical_ignores_how_the_bytes_travel() -> None:
    assert dataclasses.replace(CHAT, stream=True).request_hash() == CHAT.request_hash()


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(-(2**53), 2**53), max_size=5))
def test_canonical_does_not_depend_on_the_order_of_keys(extra: dict[str, int]) -> None:
    backwards = dict(reversed(extra.items()))
    assert Ask("chat", extra=extra).canonical() == Ask("chat", extra=backwards).canonical()


@pytest.mark.parametrize("extra", [{"n": 2**64}, {"n": "\ud800"}, {"n": object()}])
def test_what_json_cannot_say_is_an_invalid_request(extra: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest, match="Clean the item"):
        Ask("chat", extra=extra).canonical()


@pytest.mark.parametrize(
    "change",
    [
        {"messages": ({"role": "user", "content": "hi"},)},
        {"max_tokens": 5},
        {"temperature": 0.5},
        {"top_p": 0.9},
        {"stop": ("\n",)},
        {"seed": 0},
        {"response_format": {"type": "json_object"}},
        {"grammar": "root ::= [A-D]"},
        {"extra": {"top_k": 1}},
        {"kind": "letters", "letters": (" A",)},
    ],
)
def test_whatever_changes_the_answer_changes_the_hash(change: dict[str, object]) -> None:
    assert dataclasses.replace(CHAT, **change).request_hash() != CHAT.request_hash()  # type: ignore[arg-type]


def test_a_limit_is_shared_by_provider_address_key_and_model() -> None:
    target = Target("openai_chat", "http://x/v1/", "m", api_key="sk-1")
    assert (
        target.limit_key
        == dataclasses.replace(target, base_url="http://x/v1", limits=Limits.fixed(3)).limit_key
    )
    for change in ({"model": "n"}, {"api_key": "sk-2"}, {"base_url": "http://y/v1"}, {"provider": "mock"}):
        assert dataclasses.replace(target, **change).limit_key != target.limit_key
    assert "sk-1" not in target.limit_key
