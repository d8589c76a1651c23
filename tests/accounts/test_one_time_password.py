"""A printed password works once: it opens only the page where it is replaced."""

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import ROLES, User
from evalhub.launch.demo import ACCOUNTS, create_accounts

pytestmark = pytest.mark.django_db


def test_demo_accounts_are_made_once_with_their_roles() -> None:
    passwords = create_accounts()
    assert set(passwords) == set(ACCOUNTS)
    assert create_accounts() == {}
    assert User.objects.get(username="evaluator").has_role("evaluator")
    assert not User.objects.get(username="candidate").has_role("evaluator")
    assert User.objects.get(username="admin").has_role(*ROLES)


def test_the_password_must_be_replaced_before_anything_else(client: Client) -> None:
    password = create_accounts()["candidate"]
    change = reverse("account_change_password")
    assert client.login(username="candidate", password=password)
    assert client.get(reverse("practice:index")).url == change
    new = "a-Much-longer-phrase-7"
    client.post(change, {"oldpassword": password, "password1": new, "password2": new})
    assert not User.objects.get(username="candidate").has_one_time_password
    assert client.login(username="candidate", password=new)
    assert client.get(reverse("practice:index")).status_code == 200
