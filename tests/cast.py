"""The cast: Alice owns, Bob is on her team, Charlie is an evaluator like them and must see nothing; Dora only practises.

Their passwords are unusable: tests log in with `client.force_login`, or ask for `client_of`.
"""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from evalhub.accounts.models import Membership, Team, User

ClientOf = Callable[[User], Client]


def person(name: str, *roles: str, team: Team | None = None, **fields: bool) -> User:
    """A user of these roles, on this team."""
    user = User.objects.create_user(name, email=f"{name}@example.org", **fields)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    if team:
        Membership.objects.create(team=team, user=user)
    return user


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Alice's lab")


@pytest.fixture
def alice(team: Team) -> User:
    return person("alice", "evaluator", "author", team=team)


@pytest.fixture
def bob(team: Team) -> User:
    return person("bob", "evaluator", team=team)


@pytest.fixture
def charlie(db: None) -> User:
    return person("charlie", "evaluator")


@pytest.fixture
def dora(db: None) -> User:
    return person("dora", "candidate")


@pytest.fixture
def admin(db: None) -> User:
    return person("admin", is_staff=True, is_superuser=True)


@pytest.fixture
def client_of() -> ClientOf:
    """A fresh client logged in as somebody: `client_of(alice).get(...)`."""

    def logged_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return logged_in
