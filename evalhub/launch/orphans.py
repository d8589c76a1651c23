"""Processes that an earlier start of this data folder left behind (its supervisor was killed): found and stopped.

Every process we start carries EVALHUB_LAUNCH=<data folder> in its environment, so its children do too.
"""

import os
from pathlib import Path

import psutil

MARK = "EVALHUB_LAUNCH"
PATIENCE_S = 4.0


def stop(data: Path) -> int:
    """Stop what still runs for this folder: SIGTERM, then SIGKILL. Returns how many there were."""
    found = _find(data)
    for process in found:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(found, timeout=PATIENCE_S)
    for process in alive:
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=PATIENCE_S)
    return len(found)


def _find(data: Path) -> list[psutil.Process]:
    ours = {os.getpid(), os.getppid()}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid not in ours and process.environ().get(MARK) == str(data):
                found.append(process)
        except (psutil.Error, OSError):  # gone meanwhile, or another user's
            continue
    return found


def _quietly(act: object) -> None:
    try:
        act()  # type: ignore[operator]
    except psutil.Error:
        return
