"""What a board's pages and exports show, read in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from evalhub.boards.models import Board, BoardRow
from evalhub.runs.estimates import RATES, CellKey, Estimate, estimates
from evalhub.runs.models import Run
from evalhub.runs.queries.results import track_names

RATE_LABELS: dict[str, Promise] = {
    "truncated": _("Truncated"),
    "empty": _("Empty"),
    "refused": _("Refused"),
    "invalid": _("Unreadable"),
    "failed": _("Failed"),
}


@dataclass(frozen=True, slots=True)
class Rate:
    name: str
    label: Promise
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Line:
    """One endpoint on a board. Money in nano units of `currency`, latency in seconds; None: no data."""

    endpoint: str
    model: str
    run_id: int
    score: Estimate | None
    rank_low: int | None
    rank_high: int | None
    letters: str
    chance: float | None
    rates: tuple[Rate, ...]
    expected: int
    tokens: int
    cost_nano: int
    currency: str
    latency_p50: float | None
    latency_p95: float | None


@dataclass(frozen=True, slots=True)
class Track:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class TrackLine:
    endpoint: str
    run_id: int
    scores: tuple[Estimate | None, ...]


@dataclass(frozen=True, slots=True)
class BoardTable:
    """A board ready to be shown: its lines by rank, and the same endpoints by track."""

    board: Board
    lines: tuple[Line, ...]
    rates: tuple[Rate, ...]
    tracks: tuple[Track, ...]
    track_lines: tuple[TrackLine, ...]

    @property
    def chance(self) -> float | None:
        """The level of blind guessing, the same for every row of one suite version."""
        return next((line.chance for line in self.lines if line.chance is not None), None)


def board_table(board: Board, user: Any) -> BoardTable:
    """The board as this person may see it: rows whose run is visible to them. Four queries."""
    rows = list(visible_rows(board, user))
    run_ids = [row.run_id for row in rows]
    found = estimates(run_ids, metrics=RATES)
    by_track = estimates(run_ids, metrics=["accuracy"], facet="track")
    names = track_names(sorted({key.value for key in by_track}))
    tracks = tuple(Track(code, name) for code, name in names.items())
    return BoardTable(
        board=board,
        lines=tuple(_line(row, found) for row in rows),
        rates=tuple(Rate(name, RATE_LABELS[name], None) for name in RATES),
        tracks=tracks,
        track_lines=tuple(
            TrackLine(
                row.endpoint.name,
                row.run_id,
                tuple(by_track.get(CellKey(row.run_id, "accuracy", "track", track.code)) for track in tracks),
            )
            for row in rows
        ),
    )


def visible_rows(board: Board, user: Any) -> Any:
    """Rows by rank, endpoints without a score last; a private run on a public board stays private."""
    return (
        BoardRow.objects.filter(
            board=board,
            run__in=Run.objects.visible_to(user).values("pk"),
        )
        .select_related("endpoint", "run")
        .order_by("rank_low", "rank_high", "-score", "endpoint__name")
    )


def _line(row: BoardRow, found: dict[CellKey, Estimate]) -> Line:
    score = None
    if row.score is not None and row.n:
        score = Estimate(row.score, row.low, row.high, row.n, row.method)
    return Line(
        endpoint=row.endpoint.name,
        model=row.endpoint.model,
        run_id=row.run_id,
        score=score,
        rank_low=row.rank_low,
        rank_high=row.rank_high,
        letters=row.letters,
        chance=row.chance,
        rates=tuple(Rate(name, RATE_LABELS[name], found.get(CellKey(row.run_id, name))) for name in RATES),
        expected=row.run.expected,
        tokens=row.tokens,
        cost_nano=row.cost_nano,
        currency=row.run.currency,
        latency_p50=row.latency_p50,
        latency_p95=row.latency_p95,
    )


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A board in the list: who leads, as a set (all whose rank interval holds 1), and out of how many."""

    board: Board
    leaders: tuple[str, ...]
    endpoints: int


def board_lines(user: Any, *, limit: int | None = None) -> list[BoardLine]:
    """Boards, the last refreshed first. Two queries."""
    boards = list(
        Board.objects.visible_to(user)
        .select_related("suite", "suite_version")
        .order_by("-refreshed_at", "slug")[:limit]
    )
    leaders: dict[int, list[str]] = {board.pk: [] for board in boards}
    counts = dict.fromkeys(leaders, 0)
    rows = BoardRow.objects.filter(
        board__in=boards,
        run__in=Run.objects.visible_to(user).values("pk"),
    ).values_list("board_id", "endpoint__name", "rank_low")
    for board_id, name, rank_low in rows.order_by("-score", "endpoint__name"):
        counts[board_id] += 1
        if rank_low == 1:
            leaders[board_id].append(name)
    return [BoardLine(board, tuple(leaders[board.pk]), counts[board.pk]) for board in boards]
