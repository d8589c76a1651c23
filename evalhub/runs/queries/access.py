"""Who may read what was asked: held-out questions are shown to those who guard them, and to nobody else."""

from typing import Any

from evalhub.suites.models import Item
from questions.bank.models import Security


def may_read_items(user: Any, *items: Item) -> bool:
    """Whether the person may read these items' text; each item comes with its question joined."""
    is_held_out = any(
        item.question_version is not None and item.question_version.question.security == Security.HELD_OUT
        for item in items
    )
    if not is_held_out:
        return True
    return bool(getattr(user, "is_authenticated", False)) and user.has_role("reviewer")
