"""What may become of one thing asked. Each is distinct: a truncated reasoning trace is not a wrong answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """The words of Answer.outcome, for pure code."""

    CORRECT = "correct"
    PARTLY = "partly"
    WRONG = "wrong"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    REFUSED = "refused"
    INVALID = "invalid"
    UNGRADED = "ungraded"
    FAILED = "failed"
    QUARANTINED = "quarantined"


ANSWERED: Final = frozenset({Outcome.CORRECT, Outcome.PARTLY, Outcome.WRONG})
"""An answer was found and graded."""

NOT_THEIRS: Final = frozenset({Outcome.UNGRADED, Outcome.FAILED, Outcome.QUARANTINED})
"""Says nothing about the endpoint: our failure, or no grade yet. Such rows have no score."""
