"""The data folder and the port: usable, ours alone, or one clear message with the cure."""

import contextlib
import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

NEEDED_BYTES = 1_000_000_000
FOLDERS = ("logs", "redis", "models", "secrets")


def prepare(data: Path) -> None:
    """Make the folder and its parts. Ends the program with the cure where it cannot be used."""
    try:
        for name in FOLDERS:
            (data / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / f".writable-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
        list(data.iterdir())
        _require_readable(data)
    except OSError as error:
        raise SystemExit(_cure(data, error)) from None
    free = shutil.disk_usage(data).free
    if free < NEEDED_BYTES:
        raise SystemExit(
            f"The disk of {data} has {free / 1e9:.2f} GB free; EvalHub needs {NEEDED_BYTES / 1e9:.0f} GB to start. "
            "Free some space, or choose a folder on another disk with --data DIR."
        )


def _require_readable(data: Path) -> None:
    for path in (data / "evalhub.sqlite3", data / "secret_key"):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _cure(data: Path, error: OSError) -> str:
    what = error.filename or data
    if error.errno == errno.ENOSPC:
        return f"The disk of {data} is full. Free some space, or choose a folder on another disk with --data DIR."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{what} is a file, not a folder. Choose another folder with --data DIR."
    return (
        f"The data folder {data} cannot be used: {error.strerror} ({what}). "
        "Give yourself read and write permission to it, or choose another folder with --data DIR."
    )


@contextlib.contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the folder: the kernel lets go of the lock however this process ends."""
    with (data / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise SystemExit(
                f"EvalHub is already running on {data} (process {file.read().strip() or 'unknown'}). "
                "Stop it first, or choose another folder with --data DIR."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def require_port(port: int) -> None:
    """End the program where the port is taken. A port in TIME_WAIT is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SystemExit(
                f"Port {port} cannot be used ({error.strerror}): another program holds it, or it needs more rights. "
                f"Choose another with --port, for example --port {free_port()}."
            ) from None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
