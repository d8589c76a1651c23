"""The planner: its numbers by hand, what it does not know, and who may see it."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.boards.planning import Usage, Wish, cost_nano, duration, plan, score_cube
from evalhub.endpoints.models import Endpoint
from evalhub.errors import Invalid, NotReady
from evalhub.runs.models import Answer, Run
from evalhub.stats.planning import items_needed
from evalhub.suites.models import Item, SuiteVersion
from tests.cast import ClientOf
from tests.scene import finished_run, suite_version

pytestmark = pytest.mark.django_db
ADDRESS = "boards:plan"


@pytest.fixture
def version(alice: User) -> SuiteVersion:
    found = suite_version(alice, items=12, is_public=True)
    for item in found.items.all():
        Item.objects.filter(pk=item.pk).update(cluster=f"alone-{item.pk}")
    return found


@pytest.fixture
def past(alice: User, version: SuiteVersion) -> Run:
    return finished_run(alice, version, right=8, name="past", is_public=True)


def repeated(run: Run) -> Run:
    """The same run asked twice, the second time with one more item right."""
    Run.objects.filter(pk=run.pk).update(repeats=2)
    run.refresh_from_db()
    again = list(Answer.objects.filter(run=run))
    for answer in again:
        answer.pk = None
        answer.repeat = 1
    again[8].score = 1.0
    Answer.objects.bulk_create(again)
    return run


def test_against_a_rival_it_is_the_paired_formula(alice: User, past: Run) -> None:
    """Eight right against five: three of twelve items differ, D = 0.25, d = 0.25."""
    rival = finished_run(alice, past.suite_version, right=5, name="rival")
    found = plan(past, Wish(0.1), rival)
    gaps = np.array([0.0] * 5 + [1.0] * 3 + [0.0] * 4)
    assert found.paired.items == pytest.approx(gaps.var(ddof=1))
    assert found.rows[0].items == items_needed(0.1, float(gaps.var(ddof=1)) + 0.01)


def test_without_a_rival_the_assumption_is_used_and_named(past: Run, client: Client) -> None:
    found = plan(past, Wish(0.1, correlation=0.5))
    assert found.paired.items == pytest.approx(found.score.items)  # 2 (1 - 1/2) = 1
    page = client.get(reverse(ADDRESS), {"run": past.pk, "difference": 10, "power": "0.8"}).content.decode()
    assert "assumed" in page
    assert "correlation of 0.5" in page


def test_unrepeated_runs_tell_nothing_of_repeats(past: Run) -> None:
    found = plan(past, Wish(0.05))
    assert found.score.repeats is None
    assert [row.repeats for row in found.rows] == [1]


def test_repeats_save_items_where_they_were_measured(past: Run) -> None:
    found = plan(repeated(past), Wish(0.05))
    assert found.score.repeats == pytest.approx(0.5 / 12)  # one item of twelve flips: (1/2)^2 * 2 / 12
    items = [row.items for row in found.rows]
    assert items == sorted(items, reverse=True)
    assert items[-1] < items[0]
    assert [row.answers for row in found.rows] == sorted(row.answers for row in found.rows)


def test_clusters_cost_items(alice: User, past: Run) -> None:
    alone = plan(past, Wish(0.05)).rows[0].items
    for item in past.suite_version.items.all():
        Item.objects.filter(pk=item.pk).update(cluster=f"pair-{item.position // 2}")
    found = plan(past, Wish(0.05))
    assert found.design_effect > 1.5
    assert found.rows[0].items == pytest.approx(alone * found.design_effect, abs=2)  # both are rounded up


def test_the_suite_says_what_it_has(past: Run) -> None:
    found = plan(past, Wish(0.02))
    assert found.cheapest is None
    assert not found.rows[0].is_within_suite
    large = plan(past, Wish(found.rows[0].smallest * 1.01))
    assert large.cheapest is not None
    assert large.cheapest.items <= 12


def test_cost_and_time_by_hand() -> None:
    endpoint = Endpoint(input_price=2.0, output_price=8.0, max_in_flight=10)
    usage = Usage(tokens_in=500.0, tokens_out=100.0, seconds=2.0)
    assert cost_nano(1000, usage, endpoint) == 1_800_000_000  # 0.5 M * 2 + 0.1 M * 8
    assert duration(1000, usage, endpoint) == pytest.approx(200.0)
    endpoint.requests_per_minute = 100
    assert duration(1000, usage, endpoint) == pytest.approx(600.0)
    endpoint.tokens_per_minute = 30_000
    assert duration(1000, usage, endpoint) == pytest.approx(1200.0)
    nothing = Usage(None, None, None)
    assert cost_nano(10, nothing, endpoint) is None
    assert duration(10, nothing, endpoint) is None


def test_missing_scores_stay_missing(past: Run) -> None:
    Answer.objects.filter(run=past, item__position=0).update(score=None)
    assert np.isnan(score_cube(past).scores[0, 0])
    assert plan(past, Wish(0.1)).score.n == 11


def test_what_cannot_be_planned_is_said(alice: User, past: Run) -> None:
    other = finished_run(alice, suite_version(alice, slug="other"), name="other")
    with pytest.raises(Invalid, match="another suite version"):
        plan(past, Wish(0.1), other)
    with pytest.raises(Invalid, match="itself"):
        plan(past, Wish(0.1), past)
    Item.objects.filter(version=past.suite_version).update(cluster="one")
    with pytest.raises(NotReady, match="one cluster"):
        plan(past, Wish(0.1))
    Answer.objects.filter(run=past).update(score=None)
    with pytest.raises(NotReady, match="at least 2"):
        plan(past, Wish(0.1))


def test_the_page_shows_the_plan(client: Client, past: Run) -> None:
    response = client.get(reverse(ADDRESS), {"run": past.pk, "difference": 50, "power": "0.8"})
    row = response.context["plan"].cheapest
    assert f"= {row.items} × 1 = {row.answers} for each endpoint" in response.content.decode()
    assert "asked each item once" in response.content.decode()


def test_a_refusal_stands_on_its_field(client: Client, past: Run) -> None:
    page = client.get(reverse(ADDRESS), {"run": past.pk, "rival": past.pk, "difference": 2, "power": "0.8"})
    assert page.context["plan"] is None
    assert "does not differ from itself" in page.content.decode()


@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_run_is_not_there_for_others(
    who: str | None, request: pytest.FixtureRequest, client: Client, client_of: ClientOf, past: Run
) -> None:
    Run.objects.update(is_public=False)
    browser = client_of(request.getfixturevalue(who)) if who else client
    query = {"run": past.pk, "difference": 2, "power": "0.8"}
    assert browser.get(reverse(ADDRESS), query).status_code == 404
    assert f'value="{past.pk}"' not in browser.get(reverse(ADDRESS)).content.decode()


def test_the_owner_plans_from_private_runs(client_of: ClientOf, alice: User, past: Run) -> None:
    Run.objects.update(is_public=False)
    query = {"run": past.pk, "difference": 2, "power": "0.8"}
    assert client_of(alice).get(reverse(ADDRESS), query).context["plan"].run == past


def test_queries_do_not_grow_with_the_runs(
    client: Client, alice: User, past: Run, django_assert_num_queries: object
) -> None:
    query = {"run": past.pk, "difference": 2, "power": "0.8"}
    with django_assert_num_queries(5):  # type: ignore[operator]  # choices, run, items, scores, usage
        client.get(reverse(ADDRESS), query)
    rival = finished_run(alice, past.suite_version, right=5, name="rival", is_public=True)
    with django_assert_num_queries(8):  # type: ignore[operator]  # and the rival, its items and scores
        client.get(reverse(ADDRESS), {**query, "rival": rival.pk})


def test_the_page_speaks_chinese(client: Client, past: Run) -> None:
    query = {"run": past.pk, "difference": 50, "power": "0.8"}
    page = client.get(reverse(ADDRESS), query, headers={"accept-language": "zh-hans"}).content.decode()
    assert "以 80 % 的功效看出 50.0 个百分点" in page
