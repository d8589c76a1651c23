"""A board's pages: what it says, who may see it, what it costs, and what leaves by export."""

import csv
import io
import json

import pytest
from django.test import Client
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.boards.exports import harmless
from evalhub.boards.models import Board, BoardRow
from evalhub.endpoints.models import Endpoint
from tests.cast import ClientOf
from tests.scene import board_of, finished_run, suite_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(alice: User) -> Board:
    version = suite_version(alice, items=12, is_public=True)
    finished_run(alice, version, right=10, name="strong", is_public=True)
    finished_run(alice, version, right=2, name="weak", is_public=True)
    return board_of(alice, version, is_public=True)


@pytest.fixture
def private_board(alice: User) -> Board:
    version = suite_version(alice, slug="secret")
    finished_run(alice, version, name="hidden-model")
    return board_of(alice, version, slug="secret")


def test_every_score_has_its_n_interval_and_method(client: Client, board: Board) -> None:
    row = BoardRow.objects.get(board=board, endpoint__name="strong")
    page = client.get(reverse("boards:page", args=[board.slug])).content.decode()
    assert f"{row.score * 100:.1f}" in page
    assert f"{row.low * 100:.1f}–{row.high * 100:.1f} · n = {row.n}" in page
    assert "Wilson" in page


def test_the_chance_level_is_drawn_and_said(client: Client, board: Board) -> None:
    page = client.get(reverse("boards:page", args=[board.slug])).content.decode()
    assert 'class="chance" x1="26.00%"' in page  # 25 % on an axis with margins of 2 %
    assert "25.0 %" in page


def test_no_data_is_not_zero(client: Client, board: Board) -> None:
    BoardRow.objects.filter(board=board, endpoint__name="weak").update(
        score=None, low=None, high=None, rank_low=None, rank_high=None, n=0, latency_p50=None
    )
    table = client.get(reverse("boards:page", args=[board.slug])).context["table"]
    line = next(line for line in table.lines if line.endpoint == "weak")
    assert line.score is None
    page = client.get(reverse("boards:page", args=[board.slug])).content.decode()
    assert "n/a" in page.split("weak</a>")[1].split("</tr>")[0]


def test_a_private_run_stays_off_a_public_board(
    client: Client, client_of: ClientOf, alice: User, board: Board
) -> None:
    row = BoardRow.objects.get(board=board, endpoint__name="weak")
    type(row.run).objects.filter(pk=row.run_id).update(is_public=False)
    address = reverse("boards:page", args=[board.slug])
    assert "weak" not in client.get(address).content.decode()
    assert "weak" in client_of(alice).get(address).content.decode()


@pytest.mark.parametrize("who", ["charlie", "dora", None])
def test_a_private_board_is_not_there_for_others(
    who: str | None, request: pytest.FixtureRequest, client: Client, client_of: ClientOf, private_board: Board
) -> None:
    browser = client_of(request.getfixturevalue(who)) if who else client
    assert browser.get(reverse("boards:page", args=["secret"])).status_code == 404
    assert browser.get(reverse("boards:export", args=["secret", "csv"])).status_code == 404
    assert "Basics board" not in browser.get(reverse("boards:index")).content.decode()


def test_the_owner_sees_the_private_board(client_of: ClientOf, alice: User, private_board: Board) -> None:
    assert client_of(alice).get(reverse("boards:page", args=["secret"])).status_code == 200


def test_export_csv_has_the_numbers_of_the_page(client: Client, board: Board) -> None:
    response = client.get(reverse("boards:export", args=[board.slug, "csv"]))
    assert response["Content-Disposition"] == 'attachment; filename="basics.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    stored = BoardRow.objects.get(board=board, endpoint__name="strong")
    strong = next(row for row in rows if row["endpoint"] == "strong")
    assert float(strong["score"]) == stored.score
    assert int(strong["score_n"]) == stored.n
    assert strong["score_method"] == stored.method
    assert strong["truncated_n"]


def test_export_json_keeps_no_data_as_null(client: Client, board: Board) -> None:
    BoardRow.objects.filter(board=board, endpoint__name="weak").update(
        score=None, n=0, rank_low=None, rank_high=None
    )
    data = json.loads(client.get(reverse("boards:export", args=[board.slug, "json"])).content)
    weak = next(row for row in data["rows"] if row["endpoint"] == "weak")
    assert weak["score"] is None
    assert weak["rank"] is None
    assert data["suite_version"] == 1


def test_export_markdown_is_a_table(client: Client, board: Board) -> None:
    text = client.get(reverse("boards:export", args=[board.slug, "md"])).content.decode()
    assert text.splitlines()[2].startswith("| rank | endpoint |")
    assert len(text.splitlines()) == 6


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"])
def test_no_export_starts_a_formula(start: str) -> None:
    assert harmless(f"{start}cmd|'/C calc'!A0").startswith("'")


def test_a_formula_as_a_name_is_made_harmless(client: Client, board: Board) -> None:
    Endpoint.objects.filter(name="weak").update(name="=HYPERLINK(1)", model="@SUM(A1)")
    text = client.get(reverse("boards:export", args=[board.slug, "csv"])).content.decode()
    assert "'=HYPERLINK(1)" in text
    assert "'@SUM(A1)" in text


def test_an_unknown_export_is_not_found(client: Client, board: Board) -> None:
    assert client.get(reverse("boards:export", args=[board.slug, "exe"])).status_code == 404


def test_queries_do_not_grow_with_the_board(
    client: Client, board: Board, django_assert_num_queries: object, alice: User
) -> None:
    address = reverse("boards:page", args=[board.slug])
    with django_assert_num_queries(5):  # board, rows, rates, tracks' scores, tracks' names
        client.get(address)
    finished_run(alice, board.suite_version, right=6, name="third", is_public=True)
    from evalhub.boards.services import refresh_board

    refresh_board(board=board)
    with django_assert_num_queries(5):
        client.get(address)
    with django_assert_num_queries(2):
        client.get(reverse("boards:index"))


def test_the_chart_data_is_the_tables(client: Client, board: Board) -> None:
    charts = client.get(reverse("boards:page", args=[board.slug])).context["charts"]
    row = BoardRow.objects.get(board=board, endpoint__name="strong")
    place = charts["forest"]["names"].index("strong")
    assert charts["forest"]["values"][place] == pytest.approx(row.score * 100, abs=1e-3)
    assert charts["forest"]["chance"] == 25.0


def test_money_of_two_currencies_has_no_common_axis(client: Client, board: Board) -> None:
    row = BoardRow.objects.get(board=board, endpoint__name="weak")
    BoardRow.objects.filter(board=board).update(cost_nano=10)
    type(row.run).objects.filter(pk=row.run_id).update(currency="CNY")
    charts = client.get(reverse("boards:page", args=[board.slug])).context["charts"]
    assert charts["cost"]["names"] == []
