"""What every method here asks of its arguments, and the errors raised when it is not met."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Labels = Sequence[object] | NDArray[np.generic]


class BadArgument(ValueError):
    """An argument no method can work with; the message gives the value seen and the cure."""


class TooFewItems(ValueError):
    """Fewer items than the method is honest for; the message names the method to use instead."""


def require_level(level: float) -> None:
    """A confidence level is a number strictly between 0 and 1, such as 0.95."""
    if not 0.0 < level < 1.0:
        raise BadArgument(f"level is {level!r}; give a number between 0 and 1, such as 0.95.")


def require_count(value: int, name: str, *, least: int = 0) -> None:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or int(value) != value or value < least:
        raise BadArgument(f"{name} is {value!r}; give a whole number of at least {least}.")


def vector(values: ArrayLike, name: str = "scores") -> FloatArray:
    """A 1-d float64 copy. NaN stands for 'not answered' and is kept; infinities are refused."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise BadArgument(
            f"{name} has {array.ndim} dimensions (shape {array.shape}); give one number an item."
        )
    if np.isinf(array).any():
        raise BadArgument(
            f"{name} holds an infinite value; leave the item out, or give NaN for 'not answered'."
        )
    return array


def matrix(values: ArrayLike, name: str, axes: str) -> FloatArray:
    """A 2-d float64 copy; `axes` says in words what rows and columns are."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 2:
        raise BadArgument(f"{name} has {array.ndim} dimensions (shape {array.shape}); give {axes}.")
    if np.isinf(array).any():
        raise BadArgument(f"{name} holds an infinite value; give NaN for 'not answered'.")
    return array


def require_same_length(first: FloatArray, second: FloatArray, names: str) -> None:
    if len(first) != len(second):
        raise BadArgument(f"{names} have {len(first)} and {len(second)} entries; give one of each per item.")


def codes(labels: Labels, n: int, name: str = "clusters") -> IntArray:
    """Labels of any hashable kind -> 0..C-1, shape (n,), every code in use."""
    if len(labels) != n:
        raise BadArgument(f"{name} has {len(labels)} labels for {n} items; give one label an item.")
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "iu":
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)
    seen: dict[object, int] = {}
    items = labels.tolist() if isinstance(labels, np.ndarray) else labels
    return np.array([seen.setdefault(label, len(seen)) for label in items], dtype=np.int64)


def picked(labels: Labels, kept: BoolArray) -> Labels:
    """The labels where `kept`, as an array if they came as one."""
    if isinstance(labels, np.ndarray):
        return labels[kept]
    return [label for label, keep in zip(labels, kept.tolist(), strict=True) if keep]


def is_binary(values: FloatArray) -> bool:
    """Whether every value is exactly 0 or 1."""
    return bool(np.isin(values, (0.0, 1.0)).all())


def require_bounds(values: FloatArray, bounds: tuple[float, float], name: str = "scores") -> None:
    """Every value lies within `bounds`; a method for bounded means is only honest then."""
    low, high = bounds
    if not low < high:
        raise BadArgument(f"bounds are {bounds!r}; give (lowest possible score, highest possible score).")
    if values.size and (values.min() < low or values.max() > high):
        raise BadArgument(
            f"{name} run from {values.min():g} to {values.max():g}, outside bounds {bounds!r}; "
            "give the score's true bounds, or bounds=None where it has none."
        )
