"""Endpoints' pages: adding from a preset, editing, and what others may not see or change."""

import pytest
from django.test import Client
from django.urls import reverse

from benchmarks.world import make_endpoint
from evalhub.accounts.models import Team, User
from evalhub.endpoints.models import Endpoint
from tests.cast import ClientOf
from tests.scene import finished_run, suite_version
from workers.providers.presets import PRESETS

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(alice: User) -> Endpoint:
    return make_endpoint("alices-model", owner=alice, allow_private=False, base_url="http://10.1.2.3/v1")


def edit_data(endpoint: Endpoint, **changes: object) -> dict[str, object]:
    return {
        "name": endpoint.name, "provider": endpoint.provider, "base_url": endpoint.base_url, "model": endpoint.model,
        "input_price": 1, "output_price": 2, "currency": "usd", "max_in_flight": 8, "deadline_s": 60, "quirks": "{}",
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_endpoint_is_not_there_for_others(
    who: str | None, request: pytest.FixtureRequest, client: Client, client_of: ClientOf, endpoint: Endpoint
) -> None:
    browser = client_of(request.getfixturevalue(who)) if who else client
    assert browser.get(reverse("endpoints:page", args=[endpoint.name])).status_code == 404
    assert endpoint.name not in browser.get(reverse("endpoints:index")).content.decode()


def test_charlie_cannot_edit_even_what_is_public(
    client_of: ClientOf, charlie: User, endpoint: Endpoint
) -> None:
    address = reverse("endpoints:edit", args=[endpoint.name])
    assert client_of(charlie).post(address, edit_data(endpoint)).status_code == 404
    Endpoint.objects.update(is_public=True)
    assert client_of(charlie).post(address, edit_data(endpoint)).status_code == 404
    assert client_of(charlie).get(address).status_code == 404
    endpoint.refresh_from_db()
    assert endpoint.input_price == 0


def test_the_team_may_edit(client_of: ClientOf, bob: User, team: Team, endpoint: Endpoint) -> None:
    Endpoint.objects.update(team=team)
    response = client_of(bob).post(
        reverse("endpoints:edit", args=[endpoint.name]), edit_data(endpoint, name="renamed")
    )
    assert response.url == reverse("endpoints:page", args=["renamed"])
    endpoint.refresh_from_db()
    assert (endpoint.input_price, endpoint.currency, endpoint.owner.username) == (1, "USD", "alice")


def test_the_address_and_the_keys_name_are_for_evaluators(
    client: Client, client_of: ClientOf, charlie: User, endpoint: Endpoint
) -> None:
    Endpoint.objects.update(is_public=True, secret_name="my-key")
    address = reverse("endpoints:page", args=[endpoint.name])
    for words in ("10.1.2.3", "my-key"):
        assert words not in client.get(address).content.decode()
        assert words in client_of(charlie).get(address).content.decode()


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_makes_an_endpoint_from_three_fields(
    client_of: ClientOf, alice: User, preset: str
) -> None:
    address = reverse("endpoints:add_from", args=[preset])
    form = client_of(alice).get(address).context["form"]
    assert form["base_url"].value() == PRESETS[preset].base_url
    response = client_of(alice).post(
        address, {"base_url": form["base_url"].value(), "model": "org/Some-Model-7B", "secret_name": "key-1"}
    )
    made = Endpoint.objects.get(name="org-some-model-7b")
    assert response.url == reverse("endpoints:page", args=[made.name])
    assert (made.provider, made.preset, made.owner) == (PRESETS[preset].provider, preset, alice)
    assert made.quirks == dict(PRESETS[preset].quirks)
    assert made.allow_private is False


def test_only_an_admin_lets_requests_into_private_networks(
    client_of: ClientOf, alice: User, admin: User, endpoint: Endpoint
) -> None:
    address = reverse("endpoints:edit", args=[endpoint.name])
    client_of(alice).post(address, edit_data(endpoint, allow_private="on"))
    endpoint.refresh_from_db()
    assert endpoint.allow_private is False
    client_of(admin).post(address, edit_data(endpoint, allow_private="on"))
    endpoint.refresh_from_db()
    assert endpoint.allow_private is True


@pytest.mark.parametrize(
    "address",
    [
        "ftp://host/v1",
        "just-words",
        "http://",
        "https://user:key@host/v1",
        "https://host/v1?key=abc",
        "https://host/#x",
    ],
)
def test_what_is_no_plain_address_is_refused(client_of: ClientOf, alice: User, address: str) -> None:
    page = client_of(alice).post(
        reverse("endpoints:add_from", args=["openai"]), {"base_url": address, "model": "m"}
    )
    assert "base_url" in page.context["form"].errors
    assert not Endpoint.objects.exists()


def test_a_name_is_taken_once(client_of: ClientOf, alice: User, endpoint: Endpoint) -> None:
    page = client_of(alice).post(
        reverse("endpoints:add_from", args=["openai"]),
        {"base_url": "https://a.b/v1", "model": "m", "name": endpoint.name},
    )
    assert "alices-model is taken" in page.context["form"].errors["name"][0]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("quirks", '{"max_token_field": 1}', "Did you mean"),
        ("quirks", "[1]", "JSON object"),
        ("currency", "us1", "no currency code"),
        ("input_price", -1, ""),
    ],
)
def test_an_edit_that_cannot_work_is_refused(
    client_of: ClientOf, alice: User, endpoint: Endpoint, field: str, value: object, words: str
) -> None:
    page = client_of(alice).post(
        reverse("endpoints:edit", args=[endpoint.name]), edit_data(endpoint, **{field: value})
    )
    assert words in page.context["form"].errors[field][0]


def test_an_unknown_preset_is_not_found(client_of: ClientOf, alice: User) -> None:
    assert client_of(alice).get(reverse("endpoints:add_from", args=["nobody"])).status_code == 404


def test_adding_needs_the_role(client: Client, client_of: ClientOf, dora: User) -> None:
    for name in ("add", "add_from"):
        address = reverse(f"endpoints:{name}", args=["openai"] if name == "add_from" else [])
        assert client_of(dora).get(address).status_code == 403
        assert client.get(address).status_code == 302


def test_the_page_shows_the_endpoints_runs(client_of: ClientOf, alice: User) -> None:
    run = finished_run(alice, suite_version(alice))
    page = client_of(alice).get(reverse("endpoints:page", args=[run.endpoint.name])).content.decode()
    assert f"Run {run.pk}" in page
    assert "50.0" in page


def test_pages_cost_a_fixed_number_of_queries(
    client: Client, endpoint: Endpoint, alice: User, django_assert_num_queries: object
) -> None:
    Endpoint.objects.update(is_public=True)
    with django_assert_num_queries(1):
        client.get(reverse("endpoints:index"))
    with django_assert_num_queries(2):  # endpoint, its runs (none: no scores)
        client.get(reverse("endpoints:page", args=[endpoint.name]))
    for name in ("two", "three"):
        make_endpoint(name, owner=alice, is_public=True)
    with django_assert_num_queries(1):
        client.get(reverse("endpoints:index"))
