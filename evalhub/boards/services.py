"""Computing boards. A board's rows are written whole, in one transaction, from finished runs only."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from evalhub.boards.matrix import score_matrix
from evalhub.boards.models import Board, BoardRow
from evalhub.runs.cells import SCORE
from evalhub.runs.models import Cell, Run, RunStatus
from evalhub.runs.models.run import RunQuerySet
from evalhub.stats.ranks import Ranking, ranking

LEVEL = 0.95
LATENCIES = ("latency_p50", "latency_p95")


def refresh_for_run(run_id: int) -> None:
    """Bring every board of the run's suite up to date. Safe to repeat."""
    for board in Board.objects.filter(suite__versions__runs=run_id):
        refresh_board(board=board)


@transaction.atomic
def refresh_board(*, board: Board) -> None:
    """Write the board's rows anew: of its suite's newest version with a finished run, each endpoint's latest one.

    A public board shows public runs only.
    """
    Board.objects.select_for_update().get(pk=board.pk)  # two finishing runs: the second sees the first's row
    version_id = _finished(board).aggregate(newest=Max("suite_version"))["newest"]
    runs = _latest_per_endpoint(board, version_id) if version_id else []
    rows = _rows(board, runs, version_id) if version_id else []
    board.rows.all().delete()
    BoardRow.objects.bulk_create(rows)
    Board.objects.filter(pk=board.pk).update(suite_version=version_id, refreshed_at=Now())


def _finished(board: Board) -> RunQuerySet:
    runs = Run.objects.filter(suite_version__suite=board.suite_id, status=RunStatus.FINISHED)
    return runs.filter(is_public=True) if board.is_public else runs


def _latest_per_endpoint(board: Board, version_id: int) -> list[Run]:
    newest = _finished(board).filter(suite_version=version_id).values("endpoint").annotate(last=Max("pk"))
    return list(Run.objects.filter(pk__in=newest.values("last")).order_by("pk"))


def _rows(board: Board, runs: Sequence[Run], version_id: int) -> list[BoardRow]:
    matrix = score_matrix(version_id, [run.pk for run in runs])
    order = ranking(matrix.scores, LEVEL, clusters=matrix.clusters)
    cells = {(cell.run_id, cell.metric): cell for cell in Cell.objects.filter(run__in=runs, facet="all")}
    return [_row(board, run, column, order, cells) for column, run in enumerate(runs)]


def _row(board: Board, run: Run, column: int, order: Ranking, cells: dict[tuple[int, str], Cell]) -> BoardRow:
    score = cells.get((run.pk, SCORE))
    ranks = order.sets[column]
    p50, p95 = (_estimate(cells.get((run.pk, name))) for name in LATENCIES)
    return BoardRow(
        board=board,
        endpoint_id=run.endpoint_id,
        run=run,
        n=score.n if score else 0,
        score=_estimate(score),
        low=score.low if score else None,
        high=score.high if score else None,
        method=score.method if score else "",
        rank_low=ranks.low if ranks else None,
        rank_high=ranks.high if ranks else None,
        letters=order.letters[column] or "",
        chance=score.chance / score.n if score and score.n else None,
        cost_nano=run.spent_nano,
        tokens=run.tokens_in + run.tokens_out,
        latency_p50=p50,
        latency_p95=p95,
    )


def _estimate(cell: Cell | None) -> float | None:
    return None if cell is None else cell.estimate
