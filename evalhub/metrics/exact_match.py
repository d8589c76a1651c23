"""The share of answers equal to the key after NFKC, case folding, and trimming of space and end punctuation."""

from __future__ import annotations

import unicodedata

import numpy as np

from evalhub.metrics.outcomes import NOT_THEIRS
from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.arguments import BadArgument
from evalhub.stats.interval import Interval
from evalhub.stats.intervals import for_scores

_EDGES = " \t\n.,;:!?\"'`*()[]{}。,、;:!?“”‘’「」『』《》"


def normal(text: str) -> str:
    """The form compared: full-width and half-width, case, and runs of white space make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).strip(_EDGES)


def measure(sheet: Sheet, level: float = 0.95) -> Interval | None:
    """None where nothing was asked; failed and ungraded rows do not count."""
    if sheet.texts is None or sheet.keys is None:
        raise BadArgument("the sheet has no texts or no keys; exact match needs both columns.")
    equal = np.array([normal(text) == normal(key) for text, key in zip(sheet.texts, sheet.keys, strict=True)])
    matches = np.where(sheet.is_any(NOT_THEIRS) > 0, np.nan, equal.astype(np.float64))
    rows = per_item(sheet, matches)
    return for_scores(rows.values, rows.clusters, level)
