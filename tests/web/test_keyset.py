"""Pages by key: forth and back they are the same pages, and nonsense is the first page."""

import pytest
from django.contrib.auth.models import Group

from evalhub.keyset import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(db: None) -> list[int]:
    Group.objects.all().delete()
    Group.objects.bulk_create(Group(name=str(number)) for number in range(7))
    return list(Group.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("newest_first", [False, True])
def test_forth_and_back(ids: list[int], newest_first: bool) -> None:
    wanted = ids[::-1] if newest_first else ids
    first = page(Group.objects.all(), size=3, newest_first=newest_first)
    second = page(Group.objects.all(), after=str(first.next), size=3, newest_first=newest_first)
    third = page(Group.objects.all(), after=str(second.next), size=3, newest_first=newest_first)
    found = [[group.pk for group in part.items] for part in (first, second, third)]
    assert found == [wanted[:3], wanted[3:6], wanted[6:]]
    assert (first.previous, third.next) == (None, None)
    back = page(Group.objects.all(), before=str(third.previous), size=3, newest_first=newest_first)
    assert [group.pk for group in back.items] == wanted[3:6]
    start = page(Group.objects.all(), before=str(back.previous), size=3, newest_first=newest_first)
    assert [group.pk for group in start.items] == wanted[:3]
    assert start.previous is None
    assert start.next == wanted[2]


@pytest.mark.parametrize("nonsense", ["", "abc", "-1", "1e9", "٣", "9" * 30, "1 OR 1=1"])
def test_nonsense_is_the_first_page(ids: list[int], nonsense: str) -> None:
    assert page(Group.objects.all(), after=nonsense, size=3).items == page(Group.objects.all(), size=3).items


def test_no_rows_is_an_empty_page(ids: list[int]) -> None:
    assert not page(Group.objects.none())
