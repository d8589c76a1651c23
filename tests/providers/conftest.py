"""The mock server in the test's own event loop, and a plain client to ask it with."""

from collections.abc import AsyncIterator

import pytest

from workers.providers.base import Ask, Limits, Target
from workers.providers.mock_answers import MockBrain
from workers.providers.mock_server import MockState, running


@pytest.fixture
def state() -> MockState:
    return MockState(MockBrain())


@pytest.fixture
async def target(state: MockState) -> AsyncIterator[Target]:
    async with running(state) as url:
        yield Target(
            "openai_chat", url, "mock", api_key="sk-secret-key-1", allow_private=True, limits=Limits.fixed(4)
        )


@pytest.fixture
def ask() -> Ask:
    return Ask("chat", messages=({"role": "user", "content": "Pick one.\nA. x\nB. y\nC. z"},), max_tokens=64)
