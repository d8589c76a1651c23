"""The answers of one run as columns, which every metric reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from evalhub.stats.arguments import BadArgument, FloatArray, IntArray, Labels, codes
from evalhub.stats.interval import Interval


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One row an answer (an item asked with repeats has several); every column has n entries or is None.

    outcomes: words of Outcome. scores: 0 to 1, NaN where there is none. items: which item a row answers;
    None: each its own. clusters: items that belong together. groups: the cut of a macro mean (track,
    language). chance: the score of blind guessing. texts: the answer as extracted; keys: the expected one.
    flags: names of detectors that fired.
    """

    outcomes: Sequence[str]
    scores: FloatArray
    items: Labels | None = None
    clusters: Labels | None = None
    groups: Labels | None = None
    chance: FloatArray | None = None
    texts: Sequence[str] | None = None
    keys: Sequence[str] | None = None
    flags: Sequence[frozenset[str]] | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            column = getattr(self, field.name)
            if column is not None and len(column) != len(self.outcomes):
                raise BadArgument(
                    f"{field.name} has {len(column)} entries for {len(self.outcomes)} answers; give one an answer."
                )

    def __len__(self) -> int:
        return len(self.outcomes)

    def is_any(self, outcomes: frozenset[str] | frozenset[object]) -> FloatArray:
        """1 where the outcome is one of these, else 0, shape (n,)."""
        return np.array([outcome in outcomes for outcome in self.outcomes], dtype=np.float64)

    def item_codes(self) -> IntArray:
        """0..items-1, shape (n,): which item each row answers."""
        return np.arange(len(self)) if self.items is None else codes(self.items, len(self), "items")


@dataclass(frozen=True, slots=True, eq=False)
class PerItem:
    """One row an item: values (NaN: no row of it had one) and the item's cluster and group."""

    values: FloatArray
    clusters: Labels | None
    groups: Labels | None


Metric = Callable[..., Interval | None]
"""measure(sheet, level=0.95) -> Interval | None"""


def per_item(sheet: Sheet, values: FloatArray) -> PerItem:
    """Means of `values` (shape (n,), NaN left out) over the repeats of each item: n is items, never generations."""
    code = sheet.item_codes()
    count = int(code.max()) + 1 if code.size else 0
    present = ~np.isnan(values)
    total = np.bincount(code, weights=np.where(present, values, 0.0), minlength=count)
    held = np.bincount(code, weights=present, minlength=count)
    means = np.where(held > 0, total / np.maximum(held, 1.0), np.nan)
    first = np.unique(code, return_index=True)[1]
    return PerItem(means, _at(sheet.clusters, first), _at(sheet.groups, first))


def _at(labels: Labels | None, rows: IntArray) -> Labels | None:
    if labels is None or isinstance(labels, np.ndarray):
        return None if labels is None else labels[rows]
    return [labels[row] for row in rows.tolist()]
