"""What an import says about each row of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Defaults:
    """What rows that do not say are given: a topic code, an SPDX licence, an author."""

    topic: str = ""
    licence: str = ""
    author: str = ""


@dataclass(frozen=True)
class RowReport:
    """One row: `outcome` added, duplicate (left out, not an error) or refused; `problem` why refused; `notes` what an
    editor has left to do; `similar` questions with how alike they are.
    """

    place: int
    slug: str
    outcome: str
    problem: str = ""
    notes: Sequence[str] = ()
    similar: Sequence[tuple[str, float]] = ()


@dataclass(frozen=True)
class ImportReport:
    """Every row, and whether anything was written: only where none was refused and it was no dry run."""

    rows: Sequence[RowReport]
    is_written: bool

    def count(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """In JSON types."""
        rows = [
            {
                **vars(row),
                "notes": list(row.notes),
                "similar": [{"slug": s, "similarity": a} for s, a in row.similar],
            }
            for row in self.rows
        ]
        totals = {name: self.count(name) for name in ("added", "duplicate", "refused")}
        return {"is_written": self.is_written, **totals, "rows": rows}
