"""Suites' pages: versions, make-up, items; held-out questions stay hidden; composing is the owner's."""

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.suites.models import Item, Suite, SuiteVersion
from questions.bank.models import Question, Security
from questions.bank.services import load_shipped
from tests.cast import ClientOf
from tests.scene import suite_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(alice: User) -> SuiteVersion:
    return suite_version(alice, items=30)


@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_suite_is_not_there_for_others(
    who: str | None,
    request: pytest.FixtureRequest,
    client: Client,
    client_of: ClientOf,
    version: SuiteVersion,
) -> None:
    browser = client_of(request.getfixturevalue(who)) if who else client
    assert browser.get(reverse("suites:page", args=["basics"])).status_code == 404
    assert "basics" not in browser.get(reverse("suites:index")).content.decode()


def test_charlie_cannot_compose_even_what_is_public(
    client_of: ClientOf, charlie: User, version: SuiteVersion
) -> None:
    Suite.objects.update(is_public=True)
    assert client_of(charlie).post(reverse("suites:compose", args=["basics"])).status_code == 404
    assert client_of(charlie).get(reverse("suites:compose", args=["basics"])).status_code == 405


def test_a_page_shows_twenty_items_and_the_way_to_the_rest(
    client_of: ClientOf, alice: User, version: SuiteVersion
) -> None:
    browser, address = client_of(alice), reverse("suites:page", args=["basics"])
    first = browser.get(address).context["view"]
    assert [line.item.position for line in first.page.items] == list(range(20))
    second = browser.get(address, {"after": first.page.next}).context["view"]
    assert [line.item.position for line in second.page.items] == list(range(20, 30))
    back = browser.get(address, {"before": second.page.previous}).context["view"]
    assert [line.item.position for line in back.page.items] == list(range(20))
    assert {share.code: share.count for share in first.tracks} == {"A": 10, "B": 10, "C": 10}


def test_held_out_stems_are_for_reviewers(
    client_of: ClientOf, alice: User, admin: User, version: SuiteVersion
) -> None:
    load_shipped()
    question = Question.objects.published().first()
    Question.objects.filter(pk=question.pk).update(security=Security.HELD_OUT)
    Item.objects.filter(version=version, position=0).update(question_version=question.current)
    address = reverse("suites:page", args=["basics"])
    hidden = client_of(alice).get(address).content.decode()
    assert "Question 0:" not in hidden
    assert question.slug not in hidden
    assert "Question 1:" in hidden
    assert "Question 0:" in client_of(admin).get(address).content.decode()


def test_composing_makes_a_version_of_what_the_recipe_selects(client_of: ClientOf, alice: User) -> None:
    load_shipped()
    recipe = {"sources": [{"source": "bank", "kinds": ["single_choice"], "topics": ["F1"]}]}
    suite = Suite.objects.create(slug="own", title_zh="自选", title_en="Own", owner=alice, recipe=recipe)
    browser = client_of(alice)
    browser.post(reverse("suites:compose", args=["own"]))
    browser.post(reverse("suites:compose", args=["own"]))
    assert suite.versions.get().item_count > 0


def test_a_recipe_that_selects_nothing_is_said(client_of: ClientOf, alice: User) -> None:
    Suite.objects.create(slug="own", title_zh="自选", title_en="Own", owner=alice, recipe={})
    page = client_of(alice).post(reverse("suites:compose", args=["own"]))
    assert page.status_code == 400
    assert "selects no items" in page.content.decode()


def test_pages_cost_a_fixed_number_of_queries(
    client: Client, version: SuiteVersion, django_assert_num_queries: object
) -> None:
    Suite.objects.update(is_public=True)
    with django_assert_num_queries(1):
        client.get(reverse("suites:index"))
    with django_assert_num_queries(9):  # suite, versions, topics, items, three counts, boards, runs
        client.get(reverse("suites:page", args=["basics"]))
