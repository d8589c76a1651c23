"""The cast: Alice owns, Bob is on her team, Charlie must see nothing."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from questions.bank import shipped
from questions.bank.services import load_shipped
from questions.bank.shipped import ShippedQuestion


@pytest.fixture
def shared_data() -> Path:
    """Real data that lies beside the checkout; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("EVALHUB_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set EVALHUB_SHARED to its folder")
    return folder


@pytest.fixture(scope="session")
def shipped_questions() -> Sequence[ShippedQuestion]:
    """The shipped bank, read once: parsing it takes longer than any test should."""
    return shipped.questions()


@pytest.fixture
def shipped_bank(db: None, shipped_questions: Sequence[ShippedQuestion]) -> None:
    """The whole shipped bank in the database."""
    load_shipped(questions=shipped_questions)


from tests.cast import admin, alice, bob, charlie, client_of, dora, team  # noqa: E402, F401  fixtures by import
