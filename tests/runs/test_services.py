"""Starting, pausing, resuming, cancelling and asking again, as people do it."""

import pytest

from evalhub.endpoints.models import Endpoint
from evalhub.errors import Invalid, NotAllowed, NotReady
from evalhub.runs import services
from evalhub.runs.models import RunStatus, Shard, ShardStatus


def test_a_run_is_cut_into_shards_of_about_a_hundred_answers(start):
    run = start(items=250)
    bounds = list(run.shards.values_list("first", "last"))
    assert bounds == [(0, 99), (100, 199), (200, 249)]
    assert (run.expected, run.status) == (250, RunStatus.QUEUED)


def test_repeats_make_shards_of_fewer_items(start):
    run = start(items=100, repeats=5)
    assert list(run.shards.values_list("first", "last")) == [(0, 19), (20, 39), (40, 59), (60, 79), (80, 99)]
    assert run.expected == 500
    assert run.settings["repeats"] == 5


def test_the_suite_version_is_frozen_with_the_run(start):
    run = start(items=3)
    run.suite_version.refresh_from_db()
    assert run.suite_version.frozen_at is not None


def test_prices_are_frozen_in_the_run(start):
    run = start(items=3, endpoint={"input_price": 2.5, "output_price": 10.0, "currency": "CNY"}, budget=1.5)
    run.endpoint.input_price = 99
    run.endpoint.save()
    run.refresh_from_db()
    assert (run.input_price, run.output_price, run.currency) == (2.5, 10.0, "CNY")
    assert run.budget_nano == 1_500_000_000
    assert run.manifest["prices"]["input_per_million"] == 2.5


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"settings": {"temperature": 9}}, "settings"),
        ({"settings": {"tempreature": 0}}, "settings"),
        ({"budget": -1}, "budget"),
        ({"priority": 3}, "priority"),
        ({"repeats": 0}, "settings"),
    ],
)
def test_what_cannot_work_is_refused_and_named(start, options, field):
    with pytest.raises(Invalid) as caught:
        start(items=3, **options)
    assert caught.value.field == field


def test_an_empty_version_is_refused(start):
    with pytest.raises(NotReady):
        start(items=0)


def test_pause_and_resume(start):
    run = start(items=3)
    services.pause_run(run=run)
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.PAUSED, "by_hand")
    with pytest.raises(NotReady):
        services.pause_run(run=run)
    services.resume_run(run=run)
    run.refresh_from_db()
    assert (run.status, run.reason) == (RunStatus.QUEUED, "")
    with pytest.raises(NotReady):
        services.resume_run(run=run)


def test_a_budget_below_what_is_spent_is_refused_on_resume(start):
    run = start(items=3, budget=1.0)
    type(run).objects.filter(pk=run.pk).update(spent_nano=500_000_000, status=RunStatus.PAUSED)
    with pytest.raises(Invalid):
        services.resume_run(run=run, budget=0.4)
    services.resume_run(run=run, budget=2.0)
    run.refresh_from_db()
    assert run.budget_nano == 2_000_000_000


def test_cancel_closes_the_books_at_once(start):
    run = start(items=250)
    services.cancel_run(run=run)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert run.cancelled == run.expected == 250
    assert not Shard.objects.exclude(status=ShardStatus.CANCELLED).exists()
    with pytest.raises(NotReady):
        services.cancel_run(run=run)


def test_nothing_failed_is_nothing_to_ask_again(start):
    with pytest.raises(NotReady):
        services.retry_failed(run=start(items=3))


def test_a_key_is_spent_by_its_owner_and_their_team_alone(start, alice, bob, charlie, team):
    """Seeing a public endpoint is not a right to spend its owner's key."""
    run = start(items=3)
    endpoint = Endpoint.objects.create(
        name="keyed", provider="mock", model="m", secret_name="OPENAI", owner=alice, team=team, is_public=True
    )
    for person in (alice, bob):
        assert services.start_run(endpoint=endpoint, suite_version=run.suite_version, owner=person).pk
    with pytest.raises(NotAllowed, match="keyed: it belongs to somebody else"):
        services.start_run(endpoint=endpoint, suite_version=run.suite_version, owner=charlie)
    assert endpoint not in Endpoint.objects.usable_by(charlie)
