"""Composing suites from the bank: the same content is the same version, frozen once."""

import pytest

from evalhub.errors import Invalid, NotReady
from evalhub.suites.models import Suite, SuiteVersion
from evalhub.suites.services import compose_version, freeze_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def suite(shipped_bank: None) -> Suite:
    recipe = {"sources": [{"source": "bank", "kinds": ["single_choice"], "tracks": ["F"], "per_topic": 1}]}
    return Suite.objects.create(slug="s", title_zh="集", title_en="Set", recipe=recipe, is_public=True)


def test_items_come_in_both_languages_and_share_a_cluster(suite: Suite) -> None:
    items = list(compose_version(suite=suite).items.all())
    assert len(items) == 20
    assert len({item.cluster for item in items}) == 10
    assert {item.language for item in items} == {"zh-Hans", "en"}
    assert all(item.spec["key"] == item.key and item.spec["presented"]["choices"] for item in items)
    assert all(0.1 < item.chance < 0.4 for item in items)


def test_the_same_content_is_the_same_version(suite: Suite) -> None:
    assert compose_version(suite=suite) == compose_version(suite=suite)
    suite.recipe["sources"][0]["languages"] = ["en"]
    assert compose_version(suite=suite).number == 2


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"source": "bnak"}, "Unknown source 'bnak'"),
        ({"source": "bank", "colour": "red"}, "does not know colour"),
        ({"source": "bank", "tracks": ["Z"]}, "selects no items"),
    ],
)
def test_a_recipe_that_cannot_work_says_why(suite: Suite, entry: dict[str, object], message: str) -> None:
    suite.recipe = {"sources": [entry]}
    with pytest.raises(Invalid, match=message):
        compose_version(suite=suite)


def test_freezing_is_idempotent_and_refuses_an_empty_version(suite: Suite) -> None:
    version = compose_version(suite=suite)
    freeze_version(version=version)
    version.refresh_from_db()
    first = version.frozen_at
    freeze_version(version=version)
    version.refresh_from_db()
    assert first is not None
    assert version.frozen_at == first
    with pytest.raises(NotReady, match="no items"):
        freeze_version(version=SuiteVersion(suite=suite, number=9))
