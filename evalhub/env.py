"""Everything read from the environment, in one place and typed. PURE: no Django import.

| variable | meaning | default |
|---|---|---|
| EVALHUB_DATA | folder with all state (database, secrets, logs, Redis data) | ./data |
| EVALHUB_MODE | `embedded` (one machine) or `production` (refuses to start half-configured) | embedded |
| SECRET_KEY | Django's signing key | a key made once in the data folder (embedded only) |
| DATABASE_URL | postgresql://... | SQLite in the data folder |
| REDIS_URL | redis://... or redis+socket:///path | the socket in the data folder |
| ALLOWED_HOSTS | comma-separated | localhost, 127.0.0.1, [::1] |
| EVALHUB_URL | public address, for links and CSRF | http://127.0.0.1:8000 |
"""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MODES = ("embedded", "production")
LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes 107


class BadEnvironment(SystemExit):
    """The environment is unusable; the message says which variable, what was seen and the cure."""


@dataclass(frozen=True)
class Environment:
    mode: str
    data: Path
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    allowed_hosts: tuple[str, ...]
    public_url: str
    debug: bool

    @property
    def is_production(self) -> bool:
        return self.mode == "production"


def read(environ: Mapping[str, str] = os.environ) -> Environment:
    """Read and check the environment. Raises BadEnvironment naming every variable that is missing."""
    mode = environ.get("EVALHUB_MODE", "embedded")
    if mode not in MODES:
        raise BadEnvironment(f"EVALHUB_MODE is {mode!r}; it must be one of {', '.join(MODES)}.")
    data = Path(environ.get("EVALHUB_DATA") or PROJECT / "data").expanduser().resolve()
    if mode == "production":
        _require(environ, ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "EVALHUB_URL"))
    return Environment(
        mode=mode,
        data=data,
        secret_key=environ.get("SECRET_KEY") or _own_key(data),
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{data / 'evalhub.sqlite3'}",
        redis_url=environ.get("REDIS_URL") or f"redis+socket://{redis_socket(data)}",
        allowed_hosts=_split(environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")),
        public_url=environ.get("EVALHUB_URL", "http://127.0.0.1:8000").rstrip("/"),
        debug=environ.get("EVALHUB_DEBUG") == "1" and mode != "production",
    )


def redis_socket(data: Path) -> Path:
    """Where the embedded Redis listens: in the data folder, or a folder of ours in /tmp where that path is too long."""
    path = data / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"evalhub-{os.getuid()}-{digest}" / "redis.sock"


def _require(environ: Mapping[str, str], names: tuple[str, ...]) -> None:
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise BadEnvironment(
            f"EVALHUB_MODE=production needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not set. "
            "Set them in the service's environment; docs/operations.md has an example of each."
        )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _own_key(data: Path) -> str:
    """The embedded mode's key: made once, kept in the data folder with mode 600."""
    path = data / "secret_key"
    try:
        if path.exists():
            return path.read_text().strip()
        data.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(50)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(key)
        return key
    except FileExistsError:  # another process of the same first start won the race
        return path.read_text().strip()
    except OSError as error:
        raise BadEnvironment(
            f"The data folder {data} cannot be used: {error.strerror}. Make it writable, or choose another "
            "with EVALHUB_DATA (or scripts/run --data DIR)."
        ) from error
