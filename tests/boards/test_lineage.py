"""Lineages: verdicts by capability, looks that spend alpha, the gate's exit codes, and who may see the board."""

import io
import json
from collections.abc import Callable, Container

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.world import make_endpoint
from evalhub.accounts.models import User
from evalhub.boards.lineage import Rule, Seesaw, finished_runs, lines_of, only, seesaw, versions
from evalhub.boards.lineage_report import gate_as_text
from evalhub.boards.management.commands.gate import BROKEN, USAGE, Command
from evalhub.endpoints.models import Endpoint, Lineage
from evalhub.errors import Invalid, NotReady
from evalhub.runs.models import Answer, Run, RunStatus
from evalhub.runs.services import start_run
from evalhub.stats.gates import Verdict, spend
from evalhub.suites.models import SuiteVersion
from tests.cast import ClientOf
from tests.scene import suite_version

pytestmark = pytest.mark.django_db
EASY = Rule(margin=0.25)
ITEMS = 120  # forty a track: items 0, 3, 6 ... are track A
Runner = Callable[..., Run]


@pytest.fixture
def version(alice: User) -> SuiteVersion:
    return suite_version(alice, items=ITEMS, slug="gate", is_public=True)


@pytest.fixture
def lineage(alice: User) -> Lineage:
    return Lineage.objects.create(name="rlhf", owner=alice, is_public=True)


@pytest.fixture
def run_of(alice: User, version: SuiteVersion, lineage: Lineage) -> Runner:
    """Finish a run of the checkpoint of this step, right on all positions but `wrong`."""

    def finish(step: int, wrong: Container[int] = (), *, is_public: bool = True) -> Run:
        name = f"step-{step}"
        endpoint = Endpoint.objects.filter(name=name).first() or make_endpoint(
            name, lineage=lineage, step=step, owner=alice
        )
        run = start_run(endpoint=endpoint, suite_version=version, owner=alice, is_public=is_public)
        now = timezone.now()
        Answer.objects.bulk_create(
            Answer(
                run=run,
                item=item,
                score=0.0 if item.position in wrong else 1.0,
                outcome="wrong" if item.position in wrong else "correct",
                created_at=now,
            )
            for item in version.items.all()
        )
        Run.objects.filter(pk=run.pk).update(status=RunStatus.FINISHED, finished_at=now)
        run.refresh_from_db()
        return run

    return finish


def board_of(lineage: Lineage, parent: str, rule: Rule = EASY, user: User | None = None) -> Seesaw:
    found = finished_runs(lineage, parent, user)
    return seesaw(lines_of(lineage, parent, versions(lineage, parent, found)[0], found), rule)


def verdicts(board: Seesaw, column: int = 0) -> dict[str, Verdict]:
    return {row.code: row.cells[column].verdict for row in board.rows if row.cells[column]}


def test_equal_answers_pass_when_the_items_are_enough(run_of: Runner, lineage: Lineage) -> None:
    run_of(0)
    run_of(1)
    board = board_of(lineage, "step-0")
    assert board.gates[0].verdict == Verdict.PASS
    assert board_of(lineage, "step-0", Rule(margin=0.02)).gates[0].verdict == Verdict.INCONCLUSIVE


def test_the_seesaw_shows_where_it_sank(run_of: Runner, lineage: Lineage) -> None:
    """Better on track B, ruined on track A: the mean hardly moves, the gate fails."""
    run_of(0, wrong=range(1, ITEMS, 3))
    run_of(1, wrong=range(0, ITEMS, 3))
    board = board_of(lineage, "step-0")
    assert verdicts(board) == {"A": Verdict.FAIL, "B": Verdict.PASS, "C": Verdict.PASS}
    assert board.gates[0].verdict == Verdict.FAIL
    cell = board.rows[0].cells[0]
    assert cell is not None
    assert cell.negative_flips is not None
    assert (len(cell.flips.lost), cell.negative_flips.estimate) == (40, 1.0)


def test_every_finished_run_is_a_look(run_of: Runner, lineage: Lineage) -> None:
    run_of(0)
    run_of(1)
    run_of(2)
    run_of(1)  # asked again: the third look
    board = board_of(lineage, "step-0")
    assert [(gate.look.endpoint.step, gate.look.number) for gate in board.gates] == [(1, 3), (2, 2)]
    assert board.gates[0].report is not None
    assert board.gates[0].report.alpha == spend(0.05, 3)


def test_a_look_nobody_may_see_still_spends(run_of: Runner, lineage: Lineage, charlie: User) -> None:
    run_of(0)
    run_of(1, is_public=False)
    run_of(2)
    board = board_of(lineage, "step-0", user=charlie)
    assert [(gate.look.endpoint.step, gate.look.number) for gate in board.gates] == [(2, 2)]


def test_beyond_the_planned_looks_no_alpha_is_left(run_of: Runner, lineage: Lineage) -> None:
    for step in range(4):
        run_of(step)
    board = board_of(lineage, "step-0", Rule(margin=0.25, looks=2))
    assert [gate.report is None for gate in board.gates] == [False, False, True]
    assert board.gates[2].verdict == Verdict.INCONCLUSIVE
    assert board.rows[0].cells[2] is None
    assert "no alpha is left" in gate_as_text(board, board.gates[2])


def test_what_came_before_the_parent_is_no_look(run_of: Runner, lineage: Lineage) -> None:
    for step in (0, 1, 2):
        run_of(step)
    board = board_of(lineage, "step-1")
    assert [(gate.look.endpoint.step, gate.look.number) for gate in board.gates] == [(2, 1)]


def test_a_parent_from_outside_the_lineage(run_of: Runner, lineage: Lineage) -> None:
    outside = run_of(7)
    Endpoint.objects.filter(pk=outside.endpoint_id).update(lineage=None)
    run_of(1)
    assert board_of(lineage, "step-7").lines.parent == outside


def test_items_without_a_track_are_a_capability(
    run_of: Runner, lineage: Lineage, version: SuiteVersion
) -> None:
    version.items.update(track="", topic="")
    run_of(0)
    run_of(1)
    (row,) = board_of(lineage, "step-0").rows
    assert (row.code, row.name) == ("", "items without a track")


def test_nothing_in_common_is_said(run_of: Runner, lineage: Lineage, version: SuiteVersion) -> None:
    run_of(0)
    found = finished_runs(lineage, "step-0")
    assert versions(lineage, "step-0", found) == []
    with pytest.raises(NotReady, match="no finished run"):
        lines_of(lineage, "step-0", version, found)
    run_of(1)
    lines = lines_of(lineage, "step-0", version, finished_runs(lineage, "step-0"))
    with pytest.raises(Invalid, match="choose one of: step-1"):
        only(lines, "step-9")


# --- the command --------------------------------------------------------------------------------------
def gate(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("gate", *arguments, stdout=out)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize(
    ("wrong", "margin", "code", "word"),
    [((), "0.25", 0, "PASS"), (range(0, ITEMS, 3), "0.25", 1, "FAIL"), ((), "0.02", 2, "INCONCLUSIVE")],
)
def test_the_exit_code_is_the_verdict(
    run_of: Runner, lineage: Lineage, wrong: Container[int], margin: str, code: int, word: str
) -> None:
    run_of(0)
    run_of(1, wrong=wrong)
    found, text = gate("rlhf", "--parent", "step-0", "--margin", margin)
    assert found == code
    assert text.splitlines()[-1] == word
    found, text = gate("rlhf", "--parent", "step-0", "--margin", margin, "--json")
    assert found == json.loads(text)["exit_code"] == code


def test_the_report_names_the_items_lost(run_of: Runner, lineage: Lineage, version: SuiteVersion) -> None:
    run_of(0)
    child = run_of(1, wrong={3, 4})
    report = json.loads(gate("rlhf", "--parent", "step-0", "--json")[1])
    keys = {c["code"]: c["negative_flips"]["items"] for c in report["capabilities"]}
    assert keys["A"] == [version.items.get(position=3).key]
    assert keys["B"] == [version.items.get(position=4).key]
    assert keys["C"] == []
    assert report["checkpoint"] == {"endpoint": "step-1", "step": 1, "run": child.pk}
    assert (report["look"], report["alpha_spent"]) == (1, pytest.approx(spend(0.05, 1)))
    assert report["capabilities"][0]["difference"]["n"] == 40


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody", "--parent", "step-0"],
        ["rlhf", "--parent", "nobody"],
        ["rlhf", "--parent", "step-0", "--suite", "nothing"],
        ["rlhf", "--parent", "step-0", "--checkpoint", "nobody"],
        ["rlhf", "--parent", "step-0", "--margin", "2"],
        ["rlhf", "--parent", "step-0", "--alpha", "0"],
    ],
)
def test_a_wrong_question_has_no_verdicts_exit_code(
    run_of: Runner, lineage: Lineage, arguments: list[str]
) -> None:
    run_of(0)
    run_of(1)
    with pytest.raises(CommandError) as error:
        gate(*arguments)
    assert error.value.returncode == USAGE


def test_neither_a_wrong_option_nor_a_crash_is_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit) as stop:
        Command().run_from_argv(["manage.py", "gate", "rlhf"])
    assert stop.value.code == USAGE

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(Command, "execute", crash)
    with pytest.raises(SystemExit) as stop:
        Command().run_from_argv(["manage.py", "gate", "rlhf", "--parent", "x"])
    assert stop.value.code == BROKEN


# --- the pages ----------------------------------------------------------------------------------------
def test_the_page_says_verdicts_and_flips(client: Client, run_of: Runner, lineage: Lineage) -> None:
    parent = run_of(0)
    child = run_of(1, wrong=range(0, ITEMS, 3))
    page = client.get(reverse("boards:lineage", args=["rlhf"])).content.decode()
    assert 'class="tag bad">fail<' in page
    assert "40 items lost" in page
    assert f"?run={child.pk}&amp;run={parent.pk}&amp;side=lost&amp;track=A#flips" in page
    assert "−100.0" in page
    assert "n = 40" in page


def test_the_flips_link_lists_the_items_lost(client: Client, run_of: Runner) -> None:
    parent, child = run_of(0), run_of(1, wrong={3, 4})
    query = {"run": [child.pk, parent.pk], "side": "lost", "track": "A"}
    (line,) = client.get(reverse("boards:compare"), query).context["page"].items
    assert line.item.position == 3


def test_the_gate_over_http_is_the_commands(client: Client, run_of: Runner, lineage: Lineage) -> None:
    run_of(0)
    run_of(1)
    found = client.get(reverse("boards:gate", args=["rlhf"]), {"parent": "step-0"}).json()
    assert found == json.loads(gate("rlhf", "--parent", "step-0", "--json")[1])


def test_an_empty_lineage_says_what_it_takes(client: Client, lineage: Lineage) -> None:
    assert (
        "finished runs of a parent" in client.get(reverse("boards:lineage", args=["rlhf"])).content.decode()
    )
    assert client.get(reverse("boards:gate", args=["rlhf"])).status_code == 404
    assert "rlhf" in client.get(reverse("boards:lineages")).content.decode()


@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_lineage_is_not_there_for_others(
    who: str | None,
    request: pytest.FixtureRequest,
    client: Client,
    client_of: ClientOf,
    run_of: Runner,
    lineage: Lineage,
) -> None:
    run_of(0)
    run_of(1)
    Lineage.objects.update(is_public=False)
    browser = client_of(request.getfixturevalue(who)) if who else client
    assert browser.get(reverse("boards:lineage", args=["rlhf"])).status_code == 404
    assert browser.get(reverse("boards:gate", args=["rlhf"])).status_code == 404
    assert "rlhf" not in browser.get(reverse("boards:lineages")).content.decode()


def test_private_runs_stay_off_a_public_lineage(
    client_of: ClientOf, alice: User, charlie: User, run_of: Runner, lineage: Lineage
) -> None:
    run_of(0)
    run_of(1, is_public=False)
    address = reverse("boards:lineage", args=["rlhf"])
    assert "step-1" not in client_of(charlie).get(address).content.decode()
    assert client_of(charlie).get(address, {"parent": "step-1"}).status_code == 404
    assert "step-1" in client_of(alice).get(address).content.decode()


def test_queries_do_not_grow_with_the_checkpoints(
    client: Client, run_of: Runner, lineage: Lineage, django_assert_num_queries: Callable[..., object]
) -> None:
    run_of(0)
    run_of(1)
    address = reverse("boards:lineage", args=["rlhf"])
    with django_assert_num_queries(7):  # type: ignore[attr-defined]  # lineage, runs, visible, cuts, items, scores, names
        client.get(address)
    run_of(2)
    with django_assert_num_queries(7):  # type: ignore[attr-defined]
        client.get(address)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        client.get(reverse("boards:lineages"))


def test_the_page_speaks_chinese(client: Client, run_of: Runner, lineage: Lineage) -> None:
    run_of(0)
    run_of(1, wrong=range(0, ITEMS, 3))
    address = reverse("boards:lineage", args=["rlhf"])
    page = client.get(address, headers={"accept-language": "zh-hans"}).content.decode()
    assert "丢掉 40 题" in page
    assert 'class="tag bad">不通过<' in page
