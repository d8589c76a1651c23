"""Items of several kinds, frozen as a suite version would freeze them."""

from __future__ import annotations

from typing import Any

import pytest

from questions.kinds import KINDS


def pair(text: str) -> dict[str, str]:
    return {"zh-Hans": f"中文{text}", "en": text}


BODIES: dict[str, dict[str, Any]] = {
    "single_choice": {
        "id": "00000000-0000-4000-8000-000000000001",
        "kind": "single_choice",
        "stem": pair("Which number is even?"),
        "order": "fixed",
        "choices": [
            {"text": pair("three")},
            {"text": pair("four"), "correct": True},
            {"text": pair("five")},
        ],
    },
    "multiple_choice": {
        "id": "00000000-0000-4000-8000-000000000002",
        "kind": "multiple_choice",
        "stem": pair("Which numbers are even?"),
        "order": "fixed",
        "choices": [
            {"text": pair("two"), "correct": True},
            {"text": pair("three")},
            {"text": pair("four"), "correct": True},
        ],
    },
    "short_text": {
        "id": "00000000-0000-4000-8000-000000000003",
        "kind": "short_text",
        "stem": pair("What is the capital of France?"),
        "answer": {"accepted": {"zh-Hans": ["巴黎"], "en": ["Paris"]}},
    },
    "long_text": {
        "id": "00000000-0000-4000-8000-000000000004",
        "kind": "long_text",
        "stem": pair("Explain attention."),
        "reference": pair("Queries meet keys; values are mixed by the weights."),
        "rubric": [
            {"id": "a", "text": pair("names queries"), "points": 1, "accepted": pair("queries")},
            {"id": "b", "text": pair("names keys"), "points": 1, "accepted": pair("keys")},
            {"id": "c", "text": pair("names values"), "points": 1, "accepted": pair("values")},
        ],
    },
}


@pytest.fixture
def item() -> Any:
    """A function: kind, language -> item spec."""

    def make(kind: str, language: str = "en") -> dict[str, Any]:
        presented = KINDS[kind].present(BODIES[kind], language=language, seed=0)
        return {"key": f"{kind}-1", "language": language, "presented": presented.as_dict()}

    return make
