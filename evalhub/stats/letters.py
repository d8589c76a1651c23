"""Compact letter display: two endpoints share a letter exactly when they are not told apart.

Source: Piepho, "An algorithm for a letter-based representation of all-pairwise comparisons", J. Computational
and Graphical Statistics 2004 (insert and absorb).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evalhub.stats.arguments import BoolArray


def letters(beats: BoolArray, order: Sequence[int] | NDArray[np.intp]) -> list[str]:
    """One string of letters an endpoint, in the endpoints' own order.

    beats: shape (p, p), beats[j, k] where j is better than k (either direction tells the pair apart). order:
    endpoints from best to worst; letters are given out in this order, so the best holds 'a'.
    """
    apart = beats | beats.T
    columns: list[frozenset[int]] = [frozenset(range(len(beats)))]
    for j, k in zip(*np.nonzero(np.triu(apart)), strict=True):
        split: list[frozenset[int]] = []
        for column in columns:
            if j in column and k in column:
                split += [column - {int(j)}, column - {int(k)}]
            else:
                split.append(column)
        columns = _absorb(split)
    place = {int(endpoint): position for position, endpoint in enumerate(order)}
    columns = sorted(
        (c for c in columns if c), key=lambda column: sorted(place[endpoint] for endpoint in column)
    )
    return [
        "".join(name(position) for position, column in enumerate(columns) if endpoint in column)
        for endpoint in range(len(beats))
    ]


def name(position: int) -> str:
    """0 -> a, 25 -> z, 26 -> a1, 27 -> b1: one letter, with a number once the alphabet is used up."""
    letter = chr(ord("a") + position % 26)
    return letter if position < 26 else f"{letter}{position // 26}"


def _absorb(columns: list[frozenset[int]]) -> list[frozenset[int]]:
    """Drop every group that lies within another."""
    unique = list(dict.fromkeys(columns))
    return [column for column in unique if not any(column < other for other in unique)]
