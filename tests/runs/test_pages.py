"""Runs' pages: who sees what, live progress that ends, buttons, and one answer with all that explains it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import Team, User
from evalhub.endpoints.models import Endpoint
from evalhub.runs.models import Answer, Run, RunStatus
from evalhub.suites.models import SuiteVersion
from questions.bank.models import Question, Security
from tests.cast import ClientOf
from tests.scene import finished_run, open_run, suite_version

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def version(alice: User) -> SuiteVersion:
    return suite_version(alice)


@pytest.fixture
def run(alice: User, version: SuiteVersion) -> Run:
    return finished_run(alice, version)


@pytest.fixture
def going(alice: User, version: SuiteVersion) -> Run:
    return open_run(alice, version, name="model-b")


def answer_address(answer: Answer) -> str:
    return reverse("runs:answer", args=[answer.run_id, answer.pk])


# --- who may see, who may act -------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_run_is_not_there_for_others(
    who: str | None, request: pytest.FixtureRequest, client: Client, client_of: ClientOf, run: Run
) -> None:
    browser = client_of(request.getfixturevalue(who)) if who else client
    answer = run.answers.first()
    for name in ("page", "manifest", "answers"):
        assert browser.get(reverse(f"runs:{name}", args=[run.pk])).status_code == 404
    assert browser.get(answer_address(answer)).status_code == 404
    assert f"Run {run.pk}" not in browser.get(reverse("runs:index")).content.decode()


def test_the_team_sees_and_may_act(client_of: ClientOf, bob: User, team: Team, going: Run) -> None:
    Run.objects.filter(pk=going.pk).update(team=team)
    browser = client_of(bob)
    assert "Pause" in browser.get(reverse("runs:page", args=[going.pk])).content.decode()
    assert browser.post(reverse("runs:pause", args=[going.pk])).status_code == 302
    going.refresh_from_db()
    assert going.status == RunStatus.PAUSED


@pytest.mark.parametrize("action", ["pause", "resume", "cancel", "retry"])
def test_charlie_may_not_act_on_a_run_even_a_public_one(
    client_of: ClientOf, charlie: User, going: Run, action: str
) -> None:
    address = reverse(f"runs:{action}", args=[going.pk])
    assert client_of(charlie).post(address).status_code == 404
    Run.objects.filter(pk=going.pk).update(is_public=True)
    assert client_of(charlie).post(address).status_code == 404
    going.refresh_from_db()
    assert going.status == RunStatus.QUEUED


@pytest.mark.parametrize("action", ["pause", "resume", "cancel", "retry"])
def test_actions_are_posts(client_of: ClientOf, alice: User, going: Run, action: str) -> None:
    assert client_of(alice).get(reverse(f"runs:{action}", args=[going.pk])).status_code == 405


def test_an_answer_is_found_under_its_own_run_only(
    client_of: ClientOf, alice: User, run: Run, going: Run
) -> None:
    answer = run.answers.first()
    assert client_of(alice).get(reverse("runs:answer", args=[going.pk, answer.pk])).status_code == 404


# --- starting -----------------------------------------------------------------------------------------
def start_data(version: SuiteVersion, endpoint: Endpoint, **more: str) -> dict[str, str]:
    return {
        "endpoint": str(endpoint.pk), "suite_version": str(version.pk), "repeats": "2", "priority": "1", **more,
    }  # fmt: skip


def test_starting_a_run(client_of: ClientOf, alice: User, run: Run) -> None:
    data = start_data(
        run.suite_version, run.endpoint, budget="1.5", temperature="0.7", max_tokens="64", seed="3"
    )
    response = client_of(alice).post(reverse("runs:start"), data)
    started = Run.objects.latest("pk")
    assert response.url == reverse("runs:page", args=[started.pk])
    assert (started.repeats, started.budget_nano, started.owner) == (2, 1_500_000_000, alice)
    assert started.settings["temperature"] == 0.7
    assert started.settings["max_tokens"] == 64
    assert started.settings["seed"] == 3


def test_a_refusal_of_the_service_stands_in_the_form(
    client_of: ClientOf, alice: User, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evalhub.errors import Invalid
    from evalhub.runs import services

    def refuse(**_: object) -> Run:
        raise Invalid("The budget is 1; give more.", field="budget")

    monkeypatch.setattr(services, "start_run", refuse)
    page = client_of(alice).post(reverse("runs:start"), start_data(run.suite_version, run.endpoint))
    assert page.context["form"].errors["budget"] == ["The budget is 1; give more."]


def test_one_cannot_start_on_what_one_cannot_see(client_of: ClientOf, charlie: User, run: Run) -> None:
    page = client_of(charlie).post(reverse("runs:start"), start_data(run.suite_version, run.endpoint))
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {"endpoint", "suite_version"}
    assert Run.objects.count() == 1


def test_starting_needs_the_role(client: Client, client_of: ClientOf, dora: User) -> None:
    assert client_of(dora).get(reverse("runs:start")).status_code == 403
    assert client.get(reverse("runs:start")).status_code == 302


# --- live ---------------------------------------------------------------------------------------------
def test_polling_goes_on_while_the_run_does_and_ends_with_286(
    client_of: ClientOf, alice: User, going: Run
) -> None:
    browser, address = client_of(alice), reverse("runs:page", args=[going.pk])
    page = browser.get(address).content.decode()
    assert 'hx-trigger="every 2s"' in page
    fragment = browser.get(address, headers=HTMX)
    assert fragment.status_code == 200
    assert "<html" not in fragment.content.decode()
    browser.post(reverse("runs:cancel", args=[going.pk]))
    assert browser.get(address, headers=HTMX).status_code == 286
    assert "hx-trigger" not in browser.get(address).content.decode()


def test_the_buttons_follow_when_the_state_has_changed(client_of: ClientOf, alice: User, going: Run) -> None:
    browser, address = client_of(alice), reverse("runs:page", args=[going.pk])
    assert "hx-swap-oob" not in browser.get(address, {"was": "queued"}, headers=HTMX).content.decode()
    browser.post(reverse("runs:pause", args=[going.pk]))
    changed = browser.get(address, {"was": "queued"}, headers=HTMX).content.decode()
    assert 'id="run-actions" hx-swap-oob' in changed
    assert reverse("runs:resume", args=[going.pk]) in changed


def test_no_score_is_shown_before_the_end(client_of: ClientOf, alice: User, going: Run, run: Run) -> None:
    browser = client_of(alice)
    assert browser.get(reverse("runs:page", args=[going.pk])).context["results"].score is None
    results = browser.get(reverse("runs:page", args=[run.pk])).context["results"]
    assert results.score.value == 0.5
    assert results.score.n == 8
    assert {outcome.outcome: outcome.count for outcome in results.outcomes} == {
        "correct": 4,
        "wrong": 3,
        "truncated": 1,
    }
    assert {cut.code for cut in results.tracks} == {"A", "B", "C"}


def test_a_refused_action_becomes_a_message(client_of: ClientOf, alice: User, run: Run) -> None:
    address = reverse("runs:page", args=[run.pk])
    page = client_of(alice).post(
        reverse("runs:pause", args=[run.pk]), headers={"referer": f"http://testserver{address}"}, follow=True
    )
    assert page.redirect_chain == [(f"http://testserver{address}", 303)]
    assert "only a queued or running run can be paused" in page.content.decode()


def test_resume_takes_a_new_budget(client_of: ClientOf, alice: User, going: Run) -> None:
    browser = client_of(alice)
    browser.post(reverse("runs:pause", args=[going.pk]))
    browser.post(reverse("runs:resume", args=[going.pk]), {"budget": "2.5"})
    going.refresh_from_db()
    assert (going.status, going.budget_nano) == (RunStatus.QUEUED, 2_500_000_000)


# --- answers ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({}, 8),
        ({"outcome": "correct"}, 4),
        ({"outcome": "truncated"}, 1),
        ({"track": "A"}, 3),
        ({"language": "zh-Hans"}, 0),
        ({"text": "basics-00000003"}, 1),
        ({"flag": "any"}, 0),
    ],
)
def test_filters_of_answers(
    client_of: ClientOf, alice: User, run: Run, given: dict[str, str], count: int
) -> None:
    page = client_of(alice).get(reverse("runs:answers", args=[run.pk]), given).context["page"]
    assert len(page.items) == count


def test_an_answer_shows_the_prompt_and_proves_it(client_of: ClientOf, alice: User, run: Run) -> None:
    answer = run.answers.get(item__position=0)
    page = client_of(alice).get(answer_address(answer))
    view = page.context["view"]
    assert view.rendered.proof == "verified"
    assert "Question 0: which of these is" in view.rendered.turns[-1].content
    assert view.split.found == answer.extracted
    assert view.expected == answer.extracted
    assert f"<mark>{answer.extracted}</mark>" in page.content.decode()


def test_a_prompt_that_is_not_what_was_sent_says_so(client_of: ClientOf, alice: User, run: Run) -> None:
    answer = run.answers.first()
    Answer.objects.filter(pk=answer.pk).update(request_hash="0" * 64)
    page = client_of(alice).get(answer_address(answer))
    assert page.context["view"].rendered.proof == "changed"
    Answer.objects.filter(pk=answer.pk).update(request_hash="")
    assert client_of(alice).get(answer_address(answer)).context["view"].rendered.proof == "unknown"


def test_letter_probabilities_are_bars_with_the_right_one_marked(
    client_of: ClientOf, alice: User, run: Run
) -> None:
    answer = run.answers.get(item__position=0)
    Answer.objects.filter(pk=answer.pk).update(letter_probs={"A": 0.5, "B": 0.3, "C": 0.2})
    bars = client_of(alice).get(answer_address(answer)).context["view"].letters
    assert [bar.letter for bar in bars if bar.is_picked] == [answer.extracted]
    assert [bar.letter for bar in bars] == ["A", "B", "C"]


def test_what_a_model_wrote_never_becomes_markup(client_of: ClientOf, alice: User, run: Run) -> None:
    answer = run.answers.first()
    Answer.objects.filter(pk=answer.pk).update(
        text="<script>alert(1)</script>", reasoning="<img src=x onerror=alert(1)>"
    )
    page = client_of(alice).get(answer_address(answer)).content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_previous_and_next_keep_to_the_filter(client_of: ClientOf, alice: User, run: Run) -> None:
    wrong = list(run.answers.filter(outcome="wrong").values_list("pk", flat=True))
    page = client_of(alice).get(reverse("runs:answer", args=[run.pk, wrong[1]]), {"outcome": "wrong"})
    assert (page.context["previous"], page.context["next"]) == (wrong[0], wrong[2])
    assert f"{reverse('runs:answer', args=[run.pk, wrong[2]])}?outcome=wrong" in page.content.decode()


def test_a_held_out_question_is_shown_to_reviewers_only(
    client_of: ClientOf, alice: User, admin: User, run: Run, held_out: Question
) -> None:
    answer = run.answers.first()
    type(answer.item).objects.filter(pk=answer.item_id).update(question_version=held_out.current)
    page = client_of(alice).get(answer_address(answer))
    assert page.status_code == 403
    assert "which of these is" not in page.content.decode()
    assert client_of(admin).get(answer_address(answer)).status_code == 200


@pytest.fixture
def held_out() -> Question:
    from questions.bank.services import load_shipped

    load_shipped()
    question = Question.objects.published().first()
    question.security = Security.HELD_OUT
    question.save(update_fields=["security"])
    return question


def test_the_manifest_is_json_to_keep(client_of: ClientOf, alice: User, run: Run) -> None:
    response = client_of(alice).get(reverse("runs:manifest", args=[run.pk]))
    assert "attachment" in response["Content-Disposition"]
    assert json.loads(response.content)["suite"]["items"] == 8


# --- cost ---------------------------------------------------------------------------------------------
def test_each_page_costs_a_fixed_number_of_queries(
    client: Client, alice: User, run: Run, version: SuiteVersion, django_assert_num_queries: object
) -> None:
    Run.objects.update(is_public=True)
    answer = run.answers.first()
    with django_assert_num_queries(2):
        client.get(reverse("runs:index"))
    with django_assert_num_queries(4):  # run, cells, tracks, benchmarks
        client.get(reverse("runs:page", args=[run.pk]))
    with django_assert_num_queries(2):
        client.get(reverse("runs:answers", args=[run.pk]))
    with django_assert_num_queries(5):  # run, answer, before, after, grades
        client.get(answer_address(answer))
    finished_run(alice, version, name="another", is_public=True)
    with django_assert_num_queries(2):
        client.get(reverse("runs:index"))


def test_a_live_page_costs_a_fixed_number_of_queries(
    client: Client, going: Run, django_assert_num_queries: object
) -> None:
    Run.objects.update(is_public=True)
    with django_assert_num_queries(6):  # run, cells, then progress: run, in flight, errors, outcomes
        client.get(reverse("runs:page", args=[going.pk]), headers=HTMX)
