import pytest

from benchmarks.world import new_run


@pytest.fixture
def start(db):
    """start(items=10, endpoint={...}, **start_run's own) -> Run on a fresh suite of generated questions."""
    return new_run
