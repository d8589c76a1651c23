"""The matrix every method here starts from: persons x items, NaN where an item was not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


class PsychometricsError(ValueError):
    """Answers or settings no method can work with; the message says what, where, the value seen and the cure."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Persons with the same answers taken together.

    `categories` (patterns x items) holds 0, 1, ... by rank of the item's observed scores, -1 for not asked;
    `counts` (patterns) how many persons; `row_of` (persons) the pattern of each; `values[j]` the scores behind
    item j's categories.
    """

    categories: NDArray[np.int8]
    counts: Floats
    row_of: Ints
    values: tuple[tuple[float, ...], ...]

    @property
    def persons(self) -> int:
        return len(self.row_of)


def matrix(responses: ArrayLike) -> Floats:
    """The answers as floats, shape (persons, items). Raises PsychometricsError for another shape, infinite values, an
    empty matrix, or an item or person with no answer at all where that leaves nothing.
    """
    try:
        found: Floats = np.asarray(responses, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PsychometricsError(
            f"responses hold something that is no number ({error}); use NaN for none"
        ) from error
    if found.ndim != 2 or 0 in found.shape:
        raise PsychometricsError(f"responses have shape {found.shape}; give persons x items, both above 0")
    if np.isinf(found).any():
        raise PsychometricsError("responses hold an infinite value; use NaN where an item was not asked")
    return found


def dichotomous(responses: ArrayLike) -> Floats:
    """`matrix`, with nothing but 0, 1 and NaN. Raises PsychometricsError naming the first other value."""
    found = matrix(responses)
    strange = ~(np.isnan(found) | (found == 0) | (found == 1))
    if strange.any():
        person, item = np.argwhere(strange)[0]
        raise PsychometricsError(
            f"responses[{person}, {item}] is {found[person, item]:g}; use 0, 1 or NaN, or fit_grm for points"
        )
    return found


def patterns(responses: Floats, values: Sequence[Sequence[float]] | None = None) -> Patterns:
    """Group equal rows. `values` fixes each item's scores (else: those observed, ascending)."""
    scores = values if values is not None else [_observed(responses[:, j]) for j in range(responses.shape[1])]
    ranked = np.full(responses.shape, -1, dtype=np.int8)
    for j, levels in enumerate(scores):
        for rank, level in enumerate(levels):
            ranked[responses[:, j] == level, j] = rank
    rows: Any = np.ascontiguousarray(ranked).view(f"V{responses.shape[1]}").ravel()
    _, first, row_of, counts = np.unique(rows, return_index=True, return_inverse=True, return_counts=True)
    return Patterns(
        ranked[first],
        counts.astype(np.float64),
        row_of.ravel(),
        tuple(tuple(map(float, levels)) for levels in scores),
    )


def _observed(column: Floats) -> list[float]:
    found: Any = np.unique(column[~np.isnan(column)])
    return [float(value) for value in found]
