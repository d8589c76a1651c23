"""The cast: Alice owns, Bob is on her team, Charlie must see nothing; and no test may write into ./data."""

import os
import tempfile
from pathlib import Path

_DATA = tempfile.mkdtemp(prefix="evalhub-test-")
os.environ["EVALHUB_DATA"] = _DATA
os.environ.setdefault("SECRET_KEY", "only-for-tests")
if "EVALHUB_TEST_REDIS_URL" in os.environ:
    os.environ["REDIS_URL"] = os.environ["EVALHUB_TEST_REDIS_URL"]

import pytest  # noqa: E402  the settings read the environment above


@pytest.fixture
def shared_data() -> Path:
    """Real data that lies beside the checkout; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("EVALHUB_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set EVALHUB_SHARED to its folder")
    return folder


from tests.cast import admin, alice, bob, charlie, client_of, dora, team  # noqa: E402, F401  fixtures by import
