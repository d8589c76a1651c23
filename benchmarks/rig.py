"""Real processes to measure and to break: a mock server, a Redis of our own, workers, each known by its process id."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_S = 30.0


def wait_until(condition: Callable[[], Any], *, seconds: float = PATIENCE_S, what: str = "") -> Any:
    """Poll until the condition is true; returns what it returned. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain for {what or condition}")
        time.sleep(0.02)
    return found


class Mock:
    """A mock server process and its books."""

    def __init__(self, *, latency_ms: float = 0, jitter: float = 0, faults: str = "", port: int = 0) -> None:
        command = [sys.executable, "-m", "workers.providers.mock_server", "--latency-ms", str(latency_ms)]
        command += ["--jitter", str(jitter), "--faults", faults, "--port", str(port)]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[1]

    def books(self) -> dict[str, Any]:
        """The server's own counters; the truth about what was asked."""
        return dict(json.loads(self._call("_counters")))

    def reset(self) -> None:
        self._call("_counters", method="DELETE")

    def misbehave(self, spec: str) -> None:
        self._call("_faults", {"spec": spec})

    def stop(self) -> None:
        self.process.kill()
        _end(self.process)

    def _call(self, path: str, body: Mapping[str, Any] | None = None, method: str | None = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url.removesuffix("v1") + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bytes(answer.read())


class Redis:
    """A Redis process on a socket of its own, to be killed, wiped and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self._command = [
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        self.url = f"redis+socket://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_until(self.socket.exists, what="Redis")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            _end(self.process)
            self.process = None
            self.socket.unlink(missing_ok=True)


class Nursery:
    """Workers forked from a warm parent (benchmarks/nursery.py), in the environment of a rig."""

    def __init__(self, environment: Mapping[str, str], log: Path, pool: str = "eval_api") -> None:
        self._log = log.open("ab")
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.nursery", pool],
            cwd=PROJECT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.alive: list[int] = []
        if self._line().strip() != "ready":
            raise RuntimeError(f"the nursery did not start:\n{log.read_text()[-3000:]}")

    def fork(self) -> int:
        """Start a worker; its process id."""
        assert self._parent.stdin is not None
        self._parent.stdin.write("fork\n")
        self._parent.stdin.flush()
        pid = int(self._line())
        self.alive.append(pid)
        return pid

    def kill(self, pid: int) -> None:
        """SIGKILL, and wait until it is gone."""
        self._signal(pid, signal.SIGKILL)
        self._gone(pid)

    def terminate(self, pid: int, *, seconds: float = 90.0) -> None:
        """SIGTERM, and wait until it has drained."""
        self._signal(pid, signal.SIGTERM)
        self._gone(pid, seconds)

    def freeze(self, pid: int) -> None:
        self._signal(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        self._signal(pid, signal.SIGCONT)

    def close(self) -> None:
        for pid in list(self.alive):
            self.kill(pid)
        self._parent.kill()
        _end(self._parent)
        self._log.close()

    def _gone(self, pid: int, seconds: float = PATIENCE_S) -> None:
        wait_until(lambda: not _exists(pid), seconds=seconds, what=f"the end of worker {pid}")
        if pid in self.alive:
            self.alive.remove(pid)

    def _signal(self, pid: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    def _line(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline()


def _end(process: subprocess.Popen[Any]) -> None:
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def environment(
    folder: Path, *, database_url: str, redis_url: str, lease_s: float | None = None
) -> dict[str, str]:
    """What every process of a rig is given: its own folder, database and Redis, and perhaps a shorter lease."""
    found = {
        **os.environ,
        "EVALHUB_DATA": str(folder),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "only-for-the-rig",
        "DJANGO_SETTINGS_MODULE": "evalhub.settings",
    }
    if lease_s is not None:
        found["EVALHUB_LEASE_S"] = str(lease_s)
    return found


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="evalhub-rig-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
