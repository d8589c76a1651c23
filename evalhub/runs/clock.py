"""The database's clock (I6), for statements written by hand. With the ORM use django.db.models.functions.Now."""

from django.db import connection

_SQLITE_FORMAT = "%%Y-%%m-%%d %%H:%%M:%%f"


def now_sql() -> str:
    """SQL for the current time on the database's clock, to the millisecond on SQLite."""
    if connection.vendor == "sqlite":
        return f"STRFTIME('{_SQLITE_FORMAT}', 'NOW')"
    return "STATEMENT_TIMESTAMP()"


def ahead_sql(seconds: float) -> str:
    """SQL for `seconds` from now on the database's clock."""
    if connection.vendor == "sqlite":
        return f"STRFTIME('{_SQLITE_FORMAT}', 'NOW', '{seconds:+.3f} seconds')"
    return f"(STATEMENT_TIMESTAMP() + INTERVAL '{seconds:.3f} seconds')"
