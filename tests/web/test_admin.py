"""The admin: for staff, quick on long lists, and read-only where workers write."""

import pytest
from django.apps import apps
from django.contrib import admin as site
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.admin import LARGE, EstimatingPaginator
from evalhub.runs.models import Answer, Cell, Grade
from tests.cast import ClientOf
from tests.scene import board_of, finished_run, suite_version

pytestmark = pytest.mark.django_db
OURS = ("accounts", "bank", "endpoints", "suites", "runs", "boards")
MODELS = [
    model
    for label in OURS
    for model in apps.get_app_config(label).get_models()
    if model._meta.model_name != "membership"
]


def address(model: type, view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_every_model_has_its_list(client_of: ClientOf, admin: User, alice: User, model: type) -> None:
    assert model in site.site._registry
    version = suite_version(alice)
    finished_run(alice, version)
    board_of(alice, version)
    browser = client_of(admin)
    assert browser.get(address(model, "changelist")).status_code == 200
    assert browser.get(address(model, "changelist"), {"q": "1"}).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert browser.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", [Answer, Grade, Cell])
def test_what_workers_write_is_read_only(client_of: ClientOf, admin: User, alice: User, model: type) -> None:
    finished_run(alice, suite_version(alice))
    browser, row = client_of(admin), model.objects.first()
    assert browser.get(address(model, "add")).status_code == 403
    assert browser.post(address(model, "change", row.pk), {"outcome": "correct"}).status_code == 403
    assert browser.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_a_list_costs_the_same_for_more_rows(
    client_of: ClientOf, admin: User, alice: User, django_assert_max_num_queries: object
) -> None:
    version = suite_version(alice, items=40)
    finished_run(alice, version)
    browser = client_of(admin)
    with django_assert_max_num_queries(6):  # session, user, count, rows and what unfold asks for its frame
        browser.get(address(Answer, "changelist"))


def test_the_count_of_a_long_list_stops(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):
        assert EstimatingPaginator(Answer.objects.all(), 50).count == 0
    assert LARGE == 100_000


def test_evaluators_have_no_admin(client_of: ClientOf, alice: User) -> None:
    assert client_of(alice).get(reverse("admin:index")).status_code == 302
