"""What is printed: the welcome, progress bars (lines where there is no terminal), the board as table and as data."""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from evalhub.boards.models import Board
from evalhub.launch.options import Options
from evalhub.runs.models import Run
from evalhub.runs.progress import Progress as RunProgress

LINE_EVERY_S = 10.0
NANO = 1e-9


def console() -> Console:
    """Of the terminal's width; wide enough for the board in a log or a pipe."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)


def welcome(console: Console, options: Options, passwords: Mapping[str, str]) -> None:
    console.print(f"EvalHub is ready: [bold]{options.url}[/bold]  (all data in {options.data})")
    if passwords:
        console.print("Demo accounts; each password works once and is then replaced by your own:")
        for name, password in passwords.items():
            console.print(f"  {name:<10} {password}", markup=False)


class RunsProgress:
    """A bar for each run; on a pipe or in a log, a line for each every ten seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._ids: dict[int, TaskID] = {}
        self._last_line: dict[int, float] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def update(self, run: Run, progress: RunProgress) -> None:
        if run.pk not in self._ids:
            self._ids[run.pk] = self._bars.add_task(run.endpoint.name, total=progress.expected, note="")
        note = _note(run, progress)
        self._bars.update(self._ids[run.pk], completed=run.settled, note=note)
        if not self._console.is_terminal and time.monotonic() - self._last_line.get(run.pk, 0) > LINE_EVERY_S:
            self._last_line[run.pk] = time.monotonic()
            print(
                f"{run.endpoint.name}: {run.settled}/{progress.expected} {note}", file=sys.stderr, flush=True
            )


def _note(run: Run, progress: RunProgress) -> str:
    if run.status == "paused":
        return f"paused: {run.reason_text or run.reason}"
    if not run.is_open:
        return str(run.get_status_display())
    rate = f"{progress.rate_per_s:.1f}/s" if progress.rate_per_s else "starting"
    if progress.eta_low_s is None or progress.eta_high_s is None:
        return rate
    return f"{rate}, {progress.eta_low_s:.0f}-{progress.eta_high_s:.0f} s left"


def board(console: Console, shown: Board, address: str) -> None:
    """The board as a table: rank and score are intervals, never bare numbers."""
    table = Table(title=f"{shown.title} · {shown.suite_version}", title_justify="left")
    for name in ("rank", "endpoint", "n", "score", "95 % interval", "method", "guess", "p50 latency"):
        table.add_column(name, justify="left" if name in ("endpoint", "method") else "right", no_wrap=True)
    for row in shown.rows.select_related("endpoint"):
        table.add_row(
            _range(row.rank_low, row.rank_high),
            row.endpoint.name,
            str(row.n),
            _number(row.score),
            f"{_number(row.low)} to {_number(row.high)}",
            row.method,
            _number(row.chance),
            "n/a" if row.latency_p50 is None else f"{row.latency_p50 * 1000:.0f} ms",
        )
    console.print(table)
    console.print(f"Board: [bold]{address}[/bold]")


def _range(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return "n/a"
    return str(low) if low == high else f"{low}-{high}"


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"


def as_data(shown: Board, url: str) -> dict[str, Any]:
    rows = [
        {
            "endpoint": row.endpoint.name,
            "n": row.n,
            "score": row.score,
            "low": row.low,
            "high": row.high,
            "method": row.method,
            "rank_low": row.rank_low,
            "rank_high": row.rank_high,
            "cost": row.cost_nano * NANO,
            "tokens": row.tokens,
            "latency_p50": row.latency_p50,
        }
        for row in shown.rows.select_related("endpoint")
    ]
    return {"suite": shown.suite.title_en, "rows": rows, "url": f"{url}/boards/{shown.slug}/"}
