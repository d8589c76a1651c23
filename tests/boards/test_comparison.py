"""Comparing runs: the numbers by hand, the page in both directions, and who may see it."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from evalhub.accounts.models import User
from evalhub.boards.comparison import by_track, cut_names, flipped, load, need_of, pairs
from evalhub.boards.comparison_flips import SIZE, window
from evalhub.errors import Invalid, NotReady
from evalhub.runs.models import Answer, Run, RunStatus
from evalhub.stats.multiple import holm
from evalhub.stats.paired_planning import spread
from evalhub.stats.planning import items_needed
from evalhub.suites.models import Item, SuiteVersion
from questions.bank.models import Question, Security
from questions.bank.services import load_shipped
from tests.cast import ClientOf
from tests.scene import board_of, finished_run, suite_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(alice: User) -> SuiteVersion:
    return suite_version(alice, items=12, is_public=True)


@pytest.fixture
def alone(version: SuiteVersion) -> SuiteVersion:
    """The same items, none sharing a cluster."""
    for item in version.items.all():
        Item.objects.filter(pk=item.pk).update(cluster=f"alone-{item.pk}")
    return version


@pytest.fixture
def duel(alice: User, alone: SuiteVersion) -> tuple[Run, Run]:
    """Strong has items 0-9 right, weak has 0, 1 and 10: eight flips one way, one the other."""
    strong = finished_run(alice, alone, right=10, name="strong", is_public=True)
    weak = finished_run(alice, alone, right=2, name="weak", is_public=True)
    Answer.objects.filter(run=weak, item__position=10).update(score=1.0, outcome="correct")
    return strong, weak


def address(*runs: Run, **others: str) -> str:
    return f"{reverse('boards:compare')}?{urlencode([*(('run', run.pk) for run in runs), *others.items()])}"


def test_eight_flips_against_one_by_hand(duel: tuple[Run, Run]) -> None:
    """Exact McNemar: 2 * (C(9,0) + C(9,1)) / 2^9 = 20/512."""
    (pair,) = pairs(load(duel))
    assert pair.found is not None
    assert pair.found.test == "mcnemar_exact"
    assert (pair.found.b, pair.found.c) == (8, 1)
    assert pair.found.diff == pytest.approx(7 / 12)
    assert pair.p == pytest.approx(20 / 512)
    assert pair.ahead == "strong"
    assert pair.need.items == items_needed(7 / 12, 9 / 12)


def test_clusters_are_counted_where_they_repeat(alice: User, version: SuiteVersion) -> None:
    runs = [finished_run(alice, version, right=n, name=f"m{n}") for n in (10, 2)]
    (pair,) = pairs(load(runs))
    assert pair.found is not None
    assert pair.found.test == "clustered_score"
    assert pair.need.is_clustered  # neighbours share a cluster and fall together


def test_holm_over_all_pairs(duel: tuple[Run, Run], alice: User) -> None:
    third = finished_run(alice, duel[0].suite_version, right=6, name="third")
    found = pairs(load([*duel, third]))
    raw = [pair.found.p for pair in found if pair.found]
    assert [pair.p for pair in found] == pytest.approx(holm(raw).tolist())
    assert found[0].p > found[0].found.p  # type: ignore[operator, union-attr]


def test_tracks_hold_their_own_items_only(duel: tuple[Run, Run]) -> None:
    compared = load(duel)
    cuts = by_track(compared, 0, 1, cut_names(compared).tracks)
    assert {cut.code: cut.found.n for cut in cuts} == {"A": 4, "B": 4, "C": 4}
    assert sum(cut.found.b for cut in cuts) == 8


def test_runs_that_share_nothing_have_no_difference(duel: tuple[Run, Run]) -> None:
    Answer.objects.filter(run=duel[1]).update(score=None)
    (pair,) = pairs(load(duel))
    assert pair.found is None
    assert pair.p is None
    assert pair.ahead == ""
    assert pair.need.items is None


def test_no_difference_has_no_number_of_items() -> None:
    assert need_of(spread(np.zeros(5))).items is None
    assert need_of(None).items is None


def test_two_runs_of_one_endpoint_are_told_apart(client: Client, duel: tuple[Run, Run]) -> None:
    Run.objects.filter(pk=duel[1].pk).update(endpoint=duel[0].endpoint)
    page = client.get(address(*duel)).content.decode()
    assert f"strong #{duel[0].pk} is ahead" in page
    assert f"only strong #{duel[1].pk}: 1" in page


def test_flips_name_items_and_heed_the_track(duel: tuple[Run, Run]) -> None:
    compared = load(duel)
    lost = Item.objects.get(version=duel[0].suite_version, position=10)
    assert flipped(compared, 0, 1).lost == (lost.pk,)
    assert flipped(compared, 0, 1, track=lost.track).lost == (lost.pk,)
    assert flipped(compared, 0, 1, track="A").lost == ()


def test_an_unfinished_run_is_refused(duel: tuple[Run, Run]) -> None:
    Run.objects.filter(pk=duel[1].pk).update(status=RunStatus.RUNNING)
    duel[1].refresh_from_db()
    with pytest.raises(NotReady, match="not finished"):
        load(duel)


def test_another_suite_version_is_refused(duel: tuple[Run, Run], alice: User) -> None:
    other = finished_run(alice, suite_version(alice, slug="other"), name="other")
    with pytest.raises(Invalid, match="another suite version"):
        load([duel[0], other])


def test_the_page_says_the_numbers(client: Client, duel: tuple[Run, Run]) -> None:
    page = client.get(address(*duel)).content.decode()
    assert "+58.3" in page
    assert "0.039" in page
    assert "exact McNemar" in page
    assert "strong is ahead" in page
    assert "Tango" in page
    assert "n = 12" in page


def test_both_answers_stand_side_by_side(client: Client, duel: tuple[Run, Run]) -> None:
    response = client.get(address(*duel, side="lost"))
    (line,) = response.context["page"].items
    assert line.item.position == 10
    assert (line.first[0].outcome, line.second[0].outcome) == ("wrong", "correct")
    assert line.stem in line.item.spec["presented"]["stem"]
    assert "Let us see. Answer:" in response.content.decode()


def test_a_long_list_is_shown_in_pages(client: Client, alice: User) -> None:
    version = suite_version(alice, items=2 * SIZE + 3, slug="long", is_public=True)
    runs = [finished_run(alice, version, right=n, name=f"m{n}", is_public=True) for n in (2 * SIZE + 2, 0)]
    first = client.get(address(*runs)).context["page"]
    second = client.get(address(*runs, after=str(first.next))).context["page"]
    third = client.get(address(*runs, after=str(second.next))).context["page"]
    assert [len(page.items) for page in (first, second, third)] == [SIZE, SIZE, 2]
    assert third.next is None
    back = client.get(address(*runs, before=str(third.previous))).context["page"]
    assert [line.item.pk for line in back.items] == [line.item.pk for line in second.items]


def test_a_page_asks_for_few_ids() -> None:
    assert len(window(range(1000), None, None)) == SIZE + 1
    assert list(window(range(1000), "997", None)) == [998, 999]
    assert list(window(range(1000), None, "2")) == [0, 1]


def test_held_out_text_is_for_reviewers(client: Client, duel: tuple[Run, Run]) -> None:
    load_shipped()
    question = Question.objects.published().first()
    Question.objects.filter(pk=question.pk).update(security=Security.HELD_OUT)
    Item.objects.filter(version=duel[0].suite_version, position=10).update(question_version=question.current)
    response = client.get(address(*duel, side="lost"))
    (line,) = response.context["page"].items
    assert not line.is_readable
    assert line.first[0].text == line.first[0].extracted == line.stem == ""
    assert "Let us see" not in response.content.decode()


def test_too_few_runs_leads_to_the_choice(client: Client, duel: tuple[Run, Run]) -> None:
    response = client.get(address(duel[0]))
    (group,) = response.context["groups"]
    assert set(group.runs) == set(duel)
    assert f'value="{duel[0].pk}" checked' in response.content.decode()
    assert client.get(reverse("boards:compare") + "?suite_version=0").context["groups"] == []


@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_run_is_not_there_for_others(
    who: str | None,
    request: pytest.FixtureRequest,
    client: Client,
    client_of: ClientOf,
    duel: tuple[Run, Run],
) -> None:
    Run.objects.filter(pk=duel[1].pk).update(is_public=False)
    browser = client_of(request.getfixturevalue(who)) if who else client
    assert browser.get(address(*duel)).status_code == 404
    assert "weak" not in browser.get(reverse("boards:compare")).content.decode()


def test_the_owner_compares_private_runs(client_of: ClientOf, alice: User, duel: tuple[Run, Run]) -> None:
    Run.objects.update(is_public=False)
    assert client_of(alice).get(address(*duel)).status_code == 200


@pytest.mark.parametrize("run", ["x", "999999", "-1", "9" * 30])
def test_a_run_that_is_none_is_not_found(client: Client, run: str) -> None:
    assert client.get(reverse("boards:compare"), {"run": run}).status_code == 404


def test_a_refusal_has_its_status(client: Client, duel: tuple[Run, Run]) -> None:
    Run.objects.filter(pk=duel[1].pk).update(status=RunStatus.RUNNING)
    assert client.get(address(*duel)).status_code == 409


def test_queries_do_not_grow_with_the_runs(
    client: Client, duel: tuple[Run, Run], alice: User, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(7):  # type: ignore[operator]  # runs, cuts, items, scores, names, flips, answers
        client.get(address(*duel))
    third = finished_run(alice, duel[0].suite_version, right=6, name="third", is_public=True)
    with django_assert_num_queries(7):  # type: ignore[operator]
        client.get(address(*duel, third))
    with django_assert_num_queries(1):  # type: ignore[operator]
        client.get(reverse("boards:compare"))


def test_board_and_run_lead_here(client: Client, alice: User, duel: tuple[Run, Run]) -> None:
    board = board_of(alice, duel[0].suite_version, is_public=True)
    page = client.get(reverse("boards:page", args=[board.slug])).content.decode()
    assert f"{reverse('boards:compare')}?suite_version={duel[0].suite_version_id}" in page
    page = client.get(reverse("runs:page", args=[duel[0].pk])).content.decode()
    assert f"{reverse('boards:compare')}?run={duel[0].pk}" in page


def test_the_page_speaks_chinese(client: Client, duel: tuple[Run, Run]) -> None:
    page = client.get(address(*duel), headers={"accept-language": "zh-hans"}).content.decode()
    assert "strong 领先" in page
    assert "80 % 功效所需题数" in page
    assert "精确 McNemar" in page
