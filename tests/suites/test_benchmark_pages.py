"""Browsing lm-eval's benchmarks works offline and without lm-eval; adding one is for whoever may edit the suite."""

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.errors import Invalid
from evalhub.suites import benchmark_index
from evalhub.suites.models import Suite
from evalhub.suites.services import add_source
from tests.cast import ClientOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def suite(alice: User) -> Suite:
    return Suite.objects.create(slug="mine", title_en="Mine", title_zh="我的", owner=alice, recipe={})


def names(page: object) -> list[str]:
    return [row.name for row in page.context["found"]]


def test_the_best_name_comes_first(client: Client) -> None:
    assert names(client.get(reverse("suites:benchmarks"), {"text": "gsm8k"}))[0] == "gsm8k"
    groups = client.get(reverse("suites:benchmarks"), {"text": "mmlu", "kind": "group"})
    assert names(groups)[0] == "mmlu"
    assert {row.kind for row in groups.context["found"]} == {"group"}
    assert "No benchmark fits" in client.get(reverse("suites:benchmarks"), {"text": "xyzzy"}).content.decode()


def test_all_of_lm_eval_is_there(client: Client) -> None:
    page = client.get(reverse("suites:benchmarks"))
    assert page.context["total"] > 14_000
    assert len(names(page)) == 50


def test_a_benchmark_shows_what_it_is_made_of(client: Client) -> None:
    text = client.get(reverse("suites:benchmark", args=["gsm8k"])).content.decode()
    assert "strict-match, flexible-extract" in text
    assert "openai/gsm8k" in text
    assert "mmlu_stem" in client.get(reverse("suites:benchmark", args=["mmlu"])).content.decode()
    assert client.get(reverse("suites:benchmark", args=["no_such"])).status_code == 404
    assert "is not offered" in client.get(reverse("suites:benchmark", args=["humaneval"])).content.decode()


def test_alice_adds_one_to_her_suite(client_of: ClientOf, alice: User, suite: Suite) -> None:
    address = reverse("suites:benchmark_add", args=["gsm8k"])
    browser = client_of(alice)
    assert 'name="num_fewshot"' in browser.get(reverse("suites:benchmark", args=["gsm8k"])).content.decode()
    assert browser.post(address, {"suite": suite.pk, "num_fewshot": "3", "limit": ""}).status_code == 302
    suite.refresh_from_db()
    assert suite.recipe == {"sources": [{"source": "lm_eval", "benchmark": "gsm8k", "num_fewshot": 3}]}
    assert browser.post(address, {"suite": suite.pk, "num_fewshot": "-1"}).status_code == 400


def test_nobody_else_does(client_of: ClientOf, charlie: User, dora: User, suite: Suite) -> None:
    address = reverse("suites:benchmark_add", args=["gsm8k"])
    assert client_of(charlie).post(address, {"suite": suite.pk}).status_code == 400
    assert client_of(dora).post(address, {"suite": suite.pk}).status_code == 403
    suite.refresh_from_db()
    assert suite.recipe == {}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"source": "lm_eval", "benchmark": "gsm9k"}, "no benchmark 'gsm9k'"),
        ({"source": "lm_eval", "benchmark": "gsm8k", "limit": 0}, "limit is 0"),
        ({"source": "lm_eval", "folder": "../../etc"}, "is not in"),
        ({"source": "lm_eval"}, "it has none"),
        ({"source": "web"}, "Unknown source 'web'"),
    ],
)
def test_an_entry_that_cannot_work_is_refused_before_it_is_stored(
    suite: Suite, entry: dict[str, object], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        add_source(suite=suite, entry=entry)
    suite.refresh_from_db()
    assert suite.recipe == {}


def test_the_same_entry_stands_once(suite: Suite) -> None:
    entry = {"source": "lm_eval", "benchmark": "gsm8k"}
    add_source(suite=suite, entry=entry)
    with pytest.raises(Invalid, match="holds this already"):
        add_source(suite=suite, entry=entry)


def test_a_group_needs_the_files_of_all_its_members() -> None:
    paths = benchmark_index.paths_of("mmlu")
    assert len(paths) > 57
    assert "mmlu/default/_mmlu.yaml" in paths
