"""A small world to measure and break: a suite of generated questions, and an endpoint that is a mock."""

import secrets
from typing import Any

from evalhub.endpoints.models import Endpoint
from evalhub.runs.models import Run
from evalhub.runs.services import start_run
from evalhub.suites.models import Item, Suite, SuiteVersion
from questions.kinds import KINDS

TRACKS = ("A", "B", "C")
_BATCH = 500


def question(number: int) -> dict[str, Any]:
    """A single-choice question that no other number has; the right choice is named in the stem."""
    choices = [f"the value {number * 7 + step}" for step in range(4)]
    return {
        "id": f"bench-{number}",
        "kind": "single_choice",
        "stem": {
            "en": f"Question {number}: which of these is {choices[number % 4]}?",
            "zh": f"问题 {number}",
        },
        "choices": [
            {
                "text": {"en": text, "zh": text},
                "correct": index == number % 4,
                "rationale": {"en": "r", "zh": "r"},
            }
            for index, text in enumerate(choices)
        ],
    }


def make_version(rows: int, *, slug: str = "bench") -> SuiteVersion:
    """A suite version of `rows` generated questions; two neighbours share a cluster, as two languages would."""
    suite = Suite.objects.create(slug=slug, title_en=slug, title_zh=slug, recipe={})
    version = SuiteVersion.objects.create(
        suite=suite, number=1, item_count=rows, content_hash=f"{slug}-{rows}"
    )
    for first in range(0, rows, _BATCH):
        Item.objects.bulk_create(_item(version, number) for number in range(first, min(first + _BATCH, rows)))
    return version


def new_run(
    items: int = 10, *, endpoint: Any = None, version: SuiteVersion | None = None, **options: Any
) -> Run:
    """Start a run on a fresh suite; `endpoint` is an Endpoint or fields for a new one, `options` go to start_run."""
    tag = secrets.token_hex(4)
    return start_run(
        endpoint=endpoint
        if isinstance(endpoint, Endpoint)
        else make_endpoint(f"mock-{tag}", **(endpoint or {})),
        suite_version=version or make_version(items, slug=f"suite-{tag}"),
        owner=None,
        **options,
    )


def _item(version: SuiteVersion, number: int) -> Item:
    presented = KINDS["single_choice"].present(question(number), language="en", seed=0)
    key = f"{version.suite.slug}-{number:08d}"
    return Item(
        version=version,
        position=number,
        key=key,
        kind="single_choice",
        language="en",
        track=TRACKS[number % len(TRACKS)],
        topic=f"{TRACKS[number % len(TRACKS)]}{number % 7}",
        cluster=f"c{number // 2}",
        chance=0.25,
        spec={"key": key, "language": "en", "presented": presented.as_dict()},
    )


def make_endpoint(name: str = "mock", **fields: Any) -> Endpoint:
    """An endpoint; without `base_url` it is the mock in this process."""
    server = (
        {"provider": "openai_chat"}
        if "base_url" in fields
        else {"provider": "mock", "base_url": "http://mock.invalid"}
    )
    usual = {"model": "mock", "deadline_s": 30, "allow_private": True}
    return Endpoint.objects.create(name=name, **{**usual, **server, **fields})
