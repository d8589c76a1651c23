"""The answer cache in one SQLite file, shared by all workers of a machine.

Reads are a lookup by key on this thread (some 20 microseconds); writes gather and go out in groups on a thread of their
own, so a slow disk never holds up a request. A cache that cannot read or write behaves as an empty one and says so once.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import sqlite3
import time
from pathlib import Path

import orjson

from workers.providers.base import Reply

GROUP = 64
GROUP_S = 1.0
MOST_ROWS = 1_000_000
BUSY_S = 5.0

_log = logging.getLogger(__name__)


class SqliteCache:
    """See AnswerCache. Belongs to one event loop; keeps at most `most_rows` answers, dropping the oldest."""

    def __init__(self, path: Path, *, most_rows: int = MOST_ROWS) -> None:
        self._path, self._most_rows = path, most_rows
        self._pending: dict[str, bytes] = {}
        self._flushing: asyncio.Task[None] | None = None
        self._is_ailing = False
        self._reader: sqlite3.Connection | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _connected(path) as writer:
                writer.executescript(
                    "PRAGMA journal_mode=WAL;"
                    "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, reply BLOB NOT NULL, at REAL NOT NULL)"
                    " WITHOUT ROWID;"
                    "CREATE INDEX IF NOT EXISTS answers_at ON answers (at);"
                )
            self._reader = sqlite3.connect(path, timeout=0.0, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)

    async def get(self, key: str) -> Reply | None:
        """The reply kept under `key`, or None."""
        packed = self._pending.get(key)
        if packed is None and self._reader is not None:
            try:
                row = self._reader.execute("SELECT reply FROM answers WHERE key = ?", (key,)).fetchone()
            except sqlite3.Error as error:
                self._complain(error)
                return None
            packed = row[0] if row else None
        return None if packed is None else unpack(packed)

    async def put(self, key: str, reply: Reply) -> None:
        """Keep a reply; on disk within a second or 64 replies."""
        self._pending[key] = pack(reply)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())

    async def close(self) -> None:
        """Write what is pending and close the file."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
        await self._flush()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    async def _flush_soon(self) -> None:
        deadline = time.monotonic() + GROUP_S
        while len(self._pending) < GROUP and time.monotonic() < deadline:
            await asyncio.sleep(GROUP_S / 10)
        await asyncio.shield(self._flush())

    async def _flush(self) -> None:
        group = dict(self._pending)
        if not group or self._reader is None:
            self._pending.clear()
            return
        try:
            await asyncio.to_thread(self._write, group)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
        for key, packed in group.items():
            if self._pending.get(key) is packed:
                del self._pending[key]

    def _write(self, group: dict[str, bytes]) -> None:
        now = time.time()
        with _connected(self._path) as writer, writer:
            writer.executemany(
                "INSERT OR REPLACE INTO answers (key, reply, at) VALUES (?, ?, ?)",
                [(key, packed, now) for key, packed in group.items()],
            )
            (rows,) = writer.execute("SELECT count(*) FROM answers").fetchone()
            if rows > self._most_rows:
                writer.execute(
                    "DELETE FROM answers WHERE key IN (SELECT key FROM answers ORDER BY at LIMIT ?)",
                    (rows - self._most_rows + self._most_rows // 10,),
                )

    def _complain(self, error: Exception) -> None:
        if not self._is_ailing:
            _log.warning("answer cache %s is out of use: %s", self._path, error)
        self._is_ailing = True


class _connected:
    """A connection for one group of writes, closed afterwards (sqlite3's own context only commits)."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=BUSY_S)

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute("PRAGMA synchronous=NORMAL")
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def pack(reply: Reply) -> bytes:
    """A reply as JSON bytes."""
    content = {field.name: getattr(reply, field.name) for field in dataclasses.fields(reply)}
    return orjson.dumps(
        {name: dict(value) if hasattr(value, "items") else value for name, value in content.items()}
    )


def unpack(packed: bytes) -> Reply | None:
    """What `pack` wrote; None where an older version wrote something else."""
    try:
        return Reply(**orjson.loads(packed))
    except (TypeError, ValueError):
        return None
