"""The home page, the queue, the profile, the frame around every page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evalhub.accounts.models import User
from evalhub.runs.models import Run, Shard, Worker
from tests.cast import ClientOf
from tests.scene import board_of, finished_run, open_run, suite_version

pytestmark = pytest.mark.django_db


def worker(name: str, **fields: object) -> Worker:
    now = timezone.now()
    usual = {
        "pool": "eval_api",
        "host": "lab-7",
        "pid": 42,
        "version": "1",
        "started_at": now,
        "beat_at": now,
    }
    return Worker.objects.create(name=name, **{**usual, **fields})


def test_home_says_where_to_start_before_there_is_anything(client: Client) -> None:
    page = client.get(reverse("home")).content.decode()
    assert "No board has results yet" in page
    assert "0 questions to practise" in page


def test_home_shows_the_newest_board_and_what_runs(client: Client, alice: User) -> None:
    version = suite_version(alice, is_public=True)
    finished_run(alice, version, name="strong", is_public=True)
    board_of(alice, version, is_public=True)
    going = open_run(alice, version, name="going", is_public=True)
    page = client.get(reverse("home")).content.decode()
    assert "Basics board" in page
    assert "strong" in page
    assert reverse("runs:page", args=[going.pk]) in page


def test_home_shows_nothing_private(client: Client, client_of: ClientOf, alice: User, charlie: User) -> None:
    version = suite_version(alice)
    finished_run(alice, version, name="secret-model")
    board_of(alice, version)
    open_run(alice, version, name="also-secret")
    for browser in (client, client_of(charlie)):
        page = browser.get(reverse("home")).content.decode()
        assert "secret" not in page
        assert "Basics board" not in page


def test_home_costs_a_fixed_number_of_queries(
    client: Client, alice: User, django_assert_num_queries: object
) -> None:
    version = suite_version(alice, is_public=True)
    finished_run(alice, version, name="one", is_public=True)
    board_of(alice, version, is_public=True)
    open_run(alice, version, name="two", is_public=True)
    with django_assert_num_queries(9):
        client.get(reverse("home"))
    open_run(alice, version, name="three", is_public=True)
    with django_assert_num_queries(9):
        client.get(reverse("home"))


def test_the_queue_counts_shards_by_what_keeps_them(client: Client, alice: User) -> None:
    run = open_run(alice, suite_version(alice, items=450), is_public=True)
    soon = timezone.now() + timedelta(minutes=5)
    worker("w1", in_flight=7)
    Shard.objects.filter(run=run, index=0).update(holder="w1", lease_until=soon)
    Shard.objects.filter(run=run, index=1).update(not_before=soon)
    Shard.objects.filter(run=run, index=2).update(
        holder="gone", lease_until=timezone.now() - timedelta(minutes=5)
    )
    queue = client.get(reverse("queue")).context["queue"]
    pool = next(pool for pool in queue.pools if pool.name == "eval_api")
    assert (pool.runs, pool.free, pool.held, pool.parked, pool.paused) == (1, 3, 1, 1, 0)
    assert (pool.workers, pool.in_flight, pool.is_starved) == (1, 7, False)
    assert [(hold.run_id, hold.shards) for hold in queue.workers[0].holds] == [(run.pk, 1)]
    Run.objects.update(status="paused")
    pool = next(p for p in client.get(reverse("queue")).context["queue"].pools if p.name == "eval_api")
    assert (pool.free, pool.held, pool.parked, pool.paused) == (0, 0, 0, 5)


def test_a_pool_with_work_and_no_worker_is_named(client: Client, alice: User) -> None:
    open_run(alice, suite_version(alice), is_public=True)
    worker("silent", beat_at=timezone.now() - timedelta(minutes=10))
    worker("stopped", stopped_at=timezone.now())
    page = client.get(reverse("queue"))
    alive = {line.worker.name: line.is_alive for line in page.context["queue"].workers}
    assert (alive["silent"], alive["stopped"]) == (False, False)
    assert "no worker" in page.content.decode()


def test_hosts_and_private_runs_are_not_for_everybody(
    client: Client, client_of: ClientOf, alice: User, charlie: User
) -> None:
    run = open_run(alice, suite_version(alice))
    worker("w1")
    Shard.objects.filter(run=run).update(holder="w1", lease_until=timezone.now() + timedelta(minutes=5))
    assert "lab-7" not in client.get(reverse("queue")).content.decode()
    page = client_of(charlie).get(reverse("queue")).content.decode()
    assert "lab-7" in page
    assert f"Run {run.pk}" not in page
    assert f"Run {run.pk}" in client_of(alice).get(reverse("queue")).content.decode()


def test_the_queue_polls_a_fragment(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(3):
        page = client.get(reverse("queue"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'id="pools"' in page


def test_the_profile_keeps_language_and_time_zone(client_of: ClientOf, alice: User) -> None:
    browser = client_of(alice)
    browser.post(reverse("profile"), {"language": "zh-hans", "time_zone": "Asia/Shanghai"})
    alice.refresh_from_db()
    assert (alice.language, alice.time_zone) == ("zh-hans", "Asia/Shanghai")
    assert 'lang="zh-Hans"' in browser.get(reverse("home")).content.decode()


def test_times_are_shown_in_ones_own_zone(client_of: ClientOf, alice: User) -> None:
    run = finished_run(alice, suite_version(alice))
    Run.objects.filter(pk=run.pk).update(started_at="2026-03-01T20:00:00Z")
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Shanghai")
    assert "2026-03-02 04:00" in client_of(alice).get(reverse("runs:page", args=[run.pk])).content.decode()
    User.objects.filter(pk=alice.pk).update(time_zone="Nowhere/At-All")
    assert "2026-03-01 20:00" in client_of(alice).get(reverse("runs:page", args=[run.pk])).content.decode()


def test_the_profile_is_ones_own(client: Client) -> None:
    assert client.get(reverse("profile")).status_code == 302


def test_the_switch_in_the_header_wins_over_the_profile(client_of: ClientOf, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="zh-hans")
    browser = client_of(alice)
    assert 'lang="zh-Hans"' in browser.get(reverse("home")).content.decode()
    browser.post(reverse("set_language"), {"language": "en", "next": "/"})
    assert '<html lang="en">' in browser.get(reverse("home")).content.decode()


@pytest.mark.parametrize(("accepted", "lang"), [("zh-CN,zh;q=0.9", "zh-Hans"), ("en-GB", "en"), ("fr", "en")])
def test_the_browsers_language_is_followed(client: Client, accepted: str, lang: str) -> None:
    page = client.get(reverse("home"), headers={"accept-language": accepted}).content.decode()
    assert f'<html lang="{lang}">' in page


def test_the_menu_marks_where_one_is(client: Client) -> None:
    page = client.get(reverse("runs:index")).content.decode()
    assert f'<a href="{reverse("runs:index")}" aria-current="page">Runs</a>' in page
    assert page.count('aria-current="page"') == 1


def test_what_is_not_there_is_said_with_our_frame(client: Client) -> None:
    page = client.get("/nothing/of/the/kind/")
    assert page.status_code == 404
    assert "Not found" in page.content.decode()
    assert 'id="nav"' in page.content.decode()


@pytest.mark.parametrize(
    ("name", "arguments", "count"),
    [
        ("profile", [], 4),  # session, person, roles, teams
        ("runs:start", [], 5),  # session, person, roles, endpoints, versions
        ("endpoints:add", [], 3),
        ("endpoints:add_from", ["openai"], 3),
        ("endpoints:edit", ["model-a"], 4),
    ],
)
def test_forms_cost_a_fixed_number_of_queries(
    client_of: ClientOf,
    alice: User,
    django_assert_num_queries: object,
    name: str,
    arguments: list[str],
    count: int,
) -> None:
    finished_run(alice, suite_version(alice))
    browser = client_of(alice)
    with django_assert_num_queries(count):
        assert browser.get(reverse(name, args=arguments)).status_code == 200


def test_the_icon_is_found(client: Client) -> None:
    assert client.get("/favicon.ico").url == "/static/web/mark.svg"
