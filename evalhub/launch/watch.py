"""What the person at the terminal sees: ready, the runs' progress, the board; the same as data for --once."""

import json
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

from django.db import close_old_connections

from evalhub.boards.models import Board
from evalhub.launch import demo, terminal
from evalhub.launch.options import Options
from evalhub.runs.models import Run
from evalhub.runs.progress import live_progress

READY_S = 90
POLL_S = 1.0
BOARD_S = 60


class Watcher:
    """A thread beside the supervisor. `exit_code` is 0 unless --once ended without a board."""

    def __init__(self, options: Options, *, stop: Callable[[], None], passwords: Mapping[str, str]) -> None:
        self.options = options
        self.exit_code = 0
        self._stop = stop
        self._passwords = passwords
        self._console = terminal.console()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self._watch()
        except Exception:  # the pages go on without the terminal; say what happened
            traceback.print_exc()
            self.exit_code = 1
        finally:
            close_old_connections()
        if self.options.once:
            self._stop()

    def _watch(self) -> None:
        self._wait_until_ready()
        terminal.welcome(self._console, self.options, self._passwords)
        runs = demo.first_runs()
        self._follow([run.pk for run in runs])
        board = self._wait_for_board([run.pk for run in runs])
        terminal.board(self._console, board, f"{self.options.url}/boards/{board.slug}/")
        if self.options.once:
            print(json.dumps(terminal.as_data(board, self.options.url), ensure_ascii=False), flush=True)
        else:
            self._console.print("Ctrl-C stops everything; the next start goes on from here.")

    def _wait_until_ready(self) -> None:
        started = time.monotonic()
        warned = False
        while not self._is_ready():
            if not warned and time.monotonic() - started > READY_S:
                warned = True
                logs = self.options.data / "logs"
                print(
                    f"Not ready after {READY_S} s; look into {logs} (web.log, worker-*.log).", file=sys.stderr
                )
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.options.url}/readyz", timeout=5) as answer:
                ready: bool = answer.status == 200
                return ready
        except (urllib.error.URLError, OSError):
            return False

    def _follow(self, run_ids: list[int]) -> None:
        with terminal.RunsProgress(self._console) as shown:
            while True:
                close_old_connections()
                runs = list(Run.objects.with_names().filter(pk__in=run_ids))
                for run in runs:
                    shown.update(run, live_progress(run))
                if not any(run.is_open and run.status != "paused" for run in runs):
                    return
                time.sleep(POLL_S)

    def _wait_for_board(self, run_ids: list[int]) -> Board:
        """The demo's board once it shows every finished run of ours."""
        finished = set(Run.objects.finished().filter(pk__in=run_ids).values_list("pk", flat=True))
        deadline = time.monotonic() + BOARD_S
        while True:
            board = Board.objects.get(slug=demo.SUITE)
            shown = set(board.rows.values_list("run_id", flat=True))
            if finished <= shown or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        if not finished or not finished <= shown:
            self.exit_code = 1
        return board
