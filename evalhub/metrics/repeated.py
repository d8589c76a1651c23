"""Items by how often they were asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalhub.metrics.sheet import Sheet, per_item
from evalhub.stats.arguments import BoolArray, FloatArray, IntArray, Labels


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """code: item of each row, (n,). rows: one entry an item; count: counted rows of each; clusters: of each, or None."""

    code: IntArray
    count: FloatArray
    clusters: Labels | None


def repeated_items(sheet: Sheet, counted: BoolArray) -> Repeated:
    """counted: shape (n,), the rows that say something about the endpoint."""
    code = sheet.item_codes()
    items = int(code.max()) + 1 if code.size else 0
    count: FloatArray = np.bincount(code, weights=counted.astype(np.float64), minlength=items).astype(
        np.float64
    )
    return Repeated(code, count, per_item(sheet, np.ones(len(sheet))).clusters)
