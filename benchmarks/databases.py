"""Databases of our own to measure on and to break: a file, or a new one on a PostgreSQL server, gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg


@contextmanager
def fresh_database(url: str, folder: Path) -> Iterator[str]:
    """The address of an empty database: SQLite in `folder` for no url, else a new one on the server of `url`."""
    if not url or url.startswith("sqlite"):
        yield f"sqlite:///{folder / 'evalhub.sqlite3'}"
        return
    parts, name = urlsplit(url), f"evalhub_rig_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
