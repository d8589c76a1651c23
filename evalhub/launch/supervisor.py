"""Keeps the programs running: circus restarts what dies, and stops everything together."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from circus import get_arbiter
from circus.exc import ConflictError

from evalhub import env
from evalhub.launch.orphans import MARK
from evalhub.launch.plan import LOG_BYTES, Program

CHILD = str(Path(__file__).with_name("child.py"))


class Supervisor:
    """`serve()` blocks until `stop()` is called from any thread, or SIGINT or SIGTERM arrives."""

    def __init__(self, programs: Sequence[Program], *, data: Path) -> None:
        logging.getLogger("circus").setLevel(logging.ERROR)
        logging.getLogger("tornado.application").addFilter(_is_no_conflict)
        self._sockets = tempfile.TemporaryDirectory(prefix="evalhub-")  # short: a socket's path has 107 bytes
        base = f"ipc://{self._sockets.name}"
        self._arbiter = get_arbiter(
            [_watcher(program, data) for program in programs],
            controller=f"{base}/control",
            pubsub_endpoint=f"{base}/events",
            check_delay=0.5,
            loglevel="ERROR",
            proc_name="evalhub",
        )

    def serve(self, *, on_started: Callable[[], None]) -> None:
        try:
            self._arbiter.start(cb=lambda _: on_started())
        finally:
            self._sockets.cleanup()

    def stop(self) -> None:
        self._arbiter.loop.add_callback(self._arbiter.stop)


def _is_no_conflict(record: logging.LogRecord) -> bool:
    """circus's own half-second check runs into its own stop, and tornado prints a traceback each time."""
    return not (record.exc_info and record.exc_info[0] is ConflictError)


def _watcher(program: Program, data: Path) -> dict[str, Any]:
    stream = {
        "class": "FileStream",
        "filename": str(data / "logs" / f"{program.name}.log"),
        "max_bytes": LOG_BYTES,
        "backup_count": 1,
    }
    return {
        "name": program.name,
        "cmd": sys.executable,
        "args": ["-I", CHILD, *program.command],
        "working_dir": str(env.PROJECT),
        "env": {**os.environ, **program.environ, MARK: str(data), "PYTHONUNBUFFERED": "1"},
        "graceful_timeout": program.grace_s,
        "stop_children": False,
        "max_retry": -1,
        "stdout_stream": stream,
        "stderr_stream": stream,
        "close_child_stdin": True,
    }
