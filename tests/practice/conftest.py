"""A small bank of choices and one short interview, so that every behaviour has its question."""

import pytest

from questions.bank import shipped
from questions.bank.models import Question
from questions.bank.services import load_shipped

META = {"style": "fundamentals", "depth": "recall", "stage": 3, "difficulty": 1, "audience": ["campus"]}


def pair(text: str) -> dict[str, str]:
    return {"zh-Hans": f"{text}(中)", "en": text}


def choice_question(slug: str, topic: str = "F1", **meta: object) -> shipped.ShippedQuestion:
    texts = {"yes": True, "no": False, "perhaps": False, "never": False}
    choices = [{"text": pair(t), "correct": ok, "rationale": pair(f"because {t}")} for t, ok in texts.items()]
    body = {
        "id": slug,
        "kind": "single_choice",
        "stem": pair(f"Ask {slug}"),
        "choices": choices,
        "solution": pair("It is yes."),
    }
    return shipped.ShippedQuestion(slug, "single_choice", topic, body, {**META, **meta})


def criterion(name: str, alias: str, points: float = 2, role: str = "required") -> dict[str, object]:
    aliases = {"zh-Hans": [f"{alias}中"], "en": [alias]}
    return {
        "id": name,
        "points": points,
        "role": role,
        "text": pair(f"Names the {alias}"),
        "aliases": aliases,
    }


def interview_question(slug: str = "i1-talk", topic: str = "I1") -> shipped.ShippedQuestion:
    """open -> hint where the cache is missed -> close."""
    nodes = [
        {
            "id": "open",
            "ask": pair("Why is decoding slow?"),
            "rubric": [criterion("cache", "key value cache"), criterion("band", "memory bandwidth")],
            "next": [{"when": {"missed": ["cache"]}, "go": "hint"}, {"when": "always", "go": "close"}],
        },
        {
            "id": "hint",
            "ask": pair("What is kept between tokens?"),
            "rubric": [criterion("cache", "key value cache"), criterion("layer", "every layer", 1, "bonus")],
            "next": [{"when": "always", "go": "close"}],
        },
        {
            "id": "close",
            "ask": pair("How would you measure it?"),
            "rubric": [criterion("profile", "profiler"), criterion("load", "real load")],
        },
    ]
    body = {"id": slug, "kind": "interview", "stem": pair("A server slowed down."), "nodes": nodes}
    return shipped.ShippedQuestion(slug, "interview", topic, body, META)


@pytest.fixture
def small_bank(db: None) -> None:
    load_shipped(
        questions=[
            choice_question("f1-late", difficulty=4),
            choice_question("f1-a"),
            choice_question("f1-b", difficulty=2),
            choice_question("d1-c", "D1", stage=1),
            interview_question(),
        ]
    )


@pytest.fixture
def talk(small_bank: None) -> Question:
    return Question.objects.select_related("current").get(slug="i1-talk")
