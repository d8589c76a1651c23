from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from evalhub.boards.charts import charts
from evalhub.boards.exports import EXPORTS
from evalhub.boards.models import Board
from evalhub.boards.queries import board_lines, board_table


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "boards/index.html", {"boards": board_lines(request.user)})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    board = _board(request, slug)
    table = board_table(board, request.user)
    return render(
        request,
        "boards/page.html",
        {"board": board, "table": table, "charts": charts(table), "exports": list(EXPORTS)},
    )


@require_safe
def export(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    board = _board(request, slug)
    if suffix not in EXPORTS:
        raise Http404
    content_type, write = EXPORTS[suffix]
    response = HttpResponse(write(board_table(board, request.user)), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, f"{board.slug}.{suffix}")
    return response


def _board(request: HttpRequest, slug: str) -> Board:
    boards = Board.objects.visible_to(request.user).select_related("suite", "suite_version")
    board: Board = get_object_or_404(boards, slug=slug)
    return board
