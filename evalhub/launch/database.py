"""The database brought up to date: tables, and the shipped bank. Quick where nothing changed."""

import hashlib
import sys
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from questions.bank import shipped
from questions.bank.services import load_shipped

ROOMS = ("content", "families", "kinds", "bank")  # of questions/: whatever can change what is loaded


def prepare(data: Path) -> None:
    """Migrate and load what is new. Ends the program with the cure where the database cannot be used."""
    try:
        _migrate()
        _load_bank(data / "bank-loaded")
    except DatabaseError as error:
        raise SystemExit(
            f"The database cannot be used: {error}".strip()
            + f"\nCheck DATABASE_URL, or the file in {data} (disk space, permissions); nothing was half-written."
        ) from error


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Preparing the database ...", file=sys.stderr, flush=True)
        call_command("migrate", verbosity=0, interactive=False)


def _load_bank(stamp: Path) -> None:
    """The stamp names the database as well: another DATABASE_URL starts empty."""
    wanted = f"{_fingerprint()} {connection.settings_dict['NAME']}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    loaded = load_shipped()
    print(f"Question bank: {loaded.added} added, {loaded.changed} changed.", file=sys.stderr, flush=True)
    stamp.write_text(wanted)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    questions = shipped.CONTENT.parent
    files = [
        path
        for room in ROOMS
        for path in (questions / room).rglob("*")
        if path.suffix in {".py", ".yaml", ".json"}
    ]
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()
