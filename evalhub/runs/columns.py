"""The answers of a run as columns of numbers, read once: 100 000 of them in a fifth of a second."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from evalhub.metrics.sheet import Sheet
from evalhub.runs.cells import FACETS

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
_CHUNK = 5000

_SQL = """
SELECT a.score, a.latency_s, a.ttft_s, i.chance, a.outcome, a.flags, a.item_id, i.cluster, i.track, i.topic, i.language, i.kind
FROM runs_answer a JOIN suites_item i ON i.id = a.item_id WHERE a.run_id = %s
"""
_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of names as numbers: `codes[i]` is the place of row i's name in `names`."""

    codes: Codes
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """One row an answer. NaN: no score, no latency. Seconds for times."""

    score: Floats
    latency: Floats
    ttft: Floats
    chance: Floats
    outcome: Coded
    flags: Coded
    item: Coded
    cluster: Coded
    facets: dict[str, Coded]

    def __len__(self) -> int:
        return len(self.score)

    def sheet(self) -> Sheet:
        """As metrics want it; a macro mean is over tracks."""
        outcomes, flag_sets = self.outcome.names, [frozenset(names.split()) for names in self.flags.names]
        return Sheet(
            outcomes=[outcomes[code] for code in self.outcome.codes.tolist()],
            scores=self.score,
            items=self.item.codes,
            clusters=self.cluster.codes,
            groups=self.facets["track"].codes,
            chance=self.chance,
            flags=[flag_sets[code] for code in self.flags.codes.tolist()],
        )


def read_columns(run_id: int) -> Columns:
    """Read the answers of a run."""
    numbers: list[list[float]] = [[] for _ in range(_NUMBERS)]
    coders = [_Coder() for _ in range(4 + len(FACETS))]
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [run_id])
        while rows := cursor.fetchmany(_CHUNK):
            columns = list(zip(*rows, strict=True))
            for into, column in zip(numbers, columns[:_NUMBERS], strict=True):
                into += [np.nan if number is None else number for number in column]
            for coder, names in zip(coders, columns[_NUMBERS:], strict=True):
                coder.add(names)
    outcome, flags, item, cluster, *facets = (coder.coded() for coder in coders)
    score, latency, ttft, chance = (np.array(column, dtype=np.float64) for column in numbers)
    return Columns(
        score, latency, ttft, chance, outcome, flags, item, cluster, dict(zip(FACETS, facets, strict=True))
    )


class _Coder:
    """Names -> numbers in order of first appearance."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._codes: list[int] = []

    def add(self, names: Sequence[str]) -> None:
        known = self._names
        self._codes += [known.setdefault(name, len(known)) for name in names]

    def coded(self) -> Coded:
        return Coded(np.array(self._codes, dtype=np.int64), tuple(self._names))
