from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is said outside a request is said in English, and a page asked for in Chinese leaves no Chinese behind."""
    with translation.override("en"):
        yield
