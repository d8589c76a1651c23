"""An endpoint's profile: strengths and weaknesses that luck does not explain, and who may see it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.boards.profile import profile
from evalhub.endpoints.models import Endpoint
from evalhub.runs.models import Answer, Run
from evalhub.stats.multiple import holm
from evalhub.stats.pairs import paired_difference
from tests.cast import ClientOf
from tests.scene import finished_run, suite_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(alice: User) -> list[Run]:
    """Sixty items, twenty a track; `sage` has track A and nothing else, its peers have tracks B and half of A."""
    version = suite_version(alice, items=60, is_public=True)
    found = [
        finished_run(alice, version, right=0, name=name, is_public=True) for name in ("sage", "one", "two")
    ]
    for run, tracks in zip(found, ("A", "AB", "B"), strict=True):
        answers = Answer.objects.filter(run=run, item__track__in=list(tracks))
        answers.update(score=1.0, outcome="correct")
    Endpoint.objects.update(is_public=True)
    return found


def test_strengths_and_weaknesses_by_hand(runs: list[Run], alice: User) -> None:
    """On A: 1 against a mean of 1/2; on B: 0 against 1; on C: 0 against 0."""
    found = profile(runs[0].endpoint, alice)
    assert found is not None
    tracks = {cut.code: cut for cut in found.tracks}
    assert [tracks[code].against.found.diff for code in "ABC"] == [0.5, -1.0, 0.0]  # type: ignore[union-attr]
    assert [cut.code for cut in found.strengths if len(cut.code) == 1] == ["A"]
    assert [cut.code for cut in found.weaknesses if len(cut.code) == 1] == ["B"]
    alone = [
        paired_difference(own, peers) for own, peers in (([1.0] * 20, [0.5] * 20), ([0.0] * 20, [1.0] * 20))
    ]
    raw = [pair.p for pair in alone if pair]
    assert [tracks["A"].against.p, tracks["B"].against.p] == pytest.approx(holm([*raw, 1.0]).tolist()[:2])  # type: ignore[union-attr]


def test_an_endpoint_alone_has_scores_and_no_verdict(runs: list[Run], alice: User) -> None:
    Run.objects.exclude(pk=runs[0].pk).update(status="cancelled")
    found = profile(runs[0].endpoint, alice)
    assert found is not None
    assert found.peers == 0
    assert all(cut.own is not None and cut.against is None for cut in found.tracks)
    assert found.strengths == found.weaknesses == []


def test_cost_is_of_a_thousand_answers(runs: list[Run], alice: User) -> None:
    found = profile(runs[0].endpoint, alice)
    assert found is not None
    assert found.cost_per_1000_nano == round(2_500_000 / 60 * 1000)


def test_an_older_run_can_be_asked_for(runs: list[Run], alice: User, client: Client) -> None:
    address = reverse("boards:profile", args=["sage"])
    assert client.get(address, {"run": runs[0].pk}).context["profile"].run == runs[0]
    assert client.get(address, {"run": runs[1].pk}).status_code == 404
    assert client.get(address, {"run": "x"}).status_code == 404


def test_the_page_says_it_with_evidence(client: Client, runs: list[Run]) -> None:
    page = client.get(reverse("boards:profile", args=["sage"])).content.decode()
    assert "2 other endpoints" in page
    assert "−100.0" in page
    assert "n = 20" in page
    assert 'class="tag bad">weakness<' in page


def test_an_endpoint_without_runs_says_so(client: Client, runs: list[Run]) -> None:
    Run.objects.update(is_public=False)
    page = client.get(reverse("boards:profile", args=["sage"]))
    assert page.context["profile"] is None
    assert "nothing to profile yet" in page.content.decode()


@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_endpoint_is_not_there_for_others(
    who: str | None, request: pytest.FixtureRequest, client: Client, client_of: ClientOf, runs: list[Run]
) -> None:
    Endpoint.objects.update(is_public=False)
    browser = client_of(request.getfixturevalue(who)) if who else client
    assert browser.get(reverse("boards:profile", args=["sage"])).status_code == 404


def test_a_private_run_is_no_peer_for_others(
    client: Client, client_of: ClientOf, alice: User, runs: list[Run]
) -> None:
    Run.objects.filter(pk=runs[1].pk).update(is_public=False)
    address = reverse("boards:profile", args=["sage"])
    assert client.get(address).context["profile"].peers == 1
    assert client_of(alice).get(address).context["profile"].peers == 2


def test_queries_do_not_grow_with_the_peers(
    client: Client, alice: User, runs: list[Run], django_assert_num_queries: Callable[..., object]
) -> None:
    address = reverse("boards:profile", args=["sage"])
    queries = 9  # endpoint, history and its scores, peers, items, scores, cuts, names, own
    with django_assert_num_queries(queries):  # type: ignore[attr-defined]
        client.get(address)
    finished_run(alice, runs[0].suite_version, name="three", is_public=True)
    with django_assert_num_queries(queries):  # type: ignore[attr-defined]
        client.get(address)
