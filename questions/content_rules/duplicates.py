"""Near-duplicate texts, Chinese and English alike: character 3-gram Jaccard, found by MinHash among many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from questions.kinds.texts import squash

THRESHOLD = 0.6
_BANDS, _ROWS = (
    32,
    3,
)  # a pair at 0.6 is found with probability 1 - (1 - 0.6**3)**32 = 0.9996, one at 0.7 surely
_CROWD = (
    64  # of a bucket with more texts, each is compared with this many others; such texts are copies of a form
)
_CHUNK = 50_000
_AT_ONCE = 1_000  # texts hashed together, so that their grams stay in the cache
Hashes = NDArray[np.uint32]
Words = NDArray[np.uint64]
Indices = NDArray[np.intp]
_SLACK = 0.2  # four standard errors of an estimate from 96 rows


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two texts by index, first < second, and how alike they are (0 to 1)."""

    first: int
    second: int
    similarity: float


def grams(text: str) -> frozenset[str]:
    """The character 3-grams of a text without case, width, spaces and punctuation; a shorter text is
    its own.
    """
    signs = squash(text)
    return frozenset(signs[at : at + 3] for at in range(max(1, len(signs) - 2))) if signs else frozenset()


def similarity(a: str, b: str) -> float:
    """Jaccard index of the 3-grams of two texts: 0 nothing in common, 1 the same; two blank texts are the
    same.

    Jaccard 1912; with character n-grams it needs no word boundaries, so it serves Chinese too.
    """
    first, second = grams(a), grams(b)
    return len(first & second) / len(first | second) if first or second else 1.0


def near_duplicates(texts: Sequence[str], threshold: float = THRESHOLD) -> list[Pair]:
    """Every pair at or above the threshold, sorted; pairs of equal texts are given as a chain, not all with
    all.

    Candidates come from MinHash signatures in bands (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of
    Massive
    Datasets, 3.4), and each is then measured exactly, so what is reported is never wrong and little is
    missed.
    """
    plain = [squash(text) for text in texts]
    places: dict[str, list[int]] = {}
    for index, signs in enumerate(plain):
        places.setdefault(signs, []).append(index)
    found = [Pair(*pair, 1.0) for group in places.values() for pair in zip(group, group[1:], strict=False)]
    distinct = [signs for signs in places if signs]
    sets: dict[int, frozenset[str]] = {}
    for i, j in _candidates(distinct, threshold):
        a, b = (sets.setdefault(at, grams(distinct[at])) for at in (i, j))
        alike = len(a & b) / len(a | b)
        if alike >= threshold:
            low, high = sorted((places[distinct[i]][0], places[distinct[j]][0]))
            found.append(Pair(low, high, alike))
    return sorted(found)


def _candidates(texts: Sequence[str], threshold: float) -> list[tuple[int, int]]:
    """Pairs that share a band of their signatures and whose signatures agree nearly as often as the
    threshold.
    """
    if len(texts) < 2:
        return []
    signatures = _signatures(texts)
    found: set[tuple[int, int]] = set()
    for band in range(_BANDS):
        left, right = _bucket_pairs(signatures[band * _ROWS : (band + 1) * _ROWS])
        for start in range(0, len(left), _CHUNK):
            i, j = left[start : start + _CHUNK], right[start : start + _CHUNK]
            likely = (signatures[:, i] == signatures[:, j]).mean(axis=0) >= threshold - _SLACK
            found.update(zip(i[likely].tolist(), j[likely].tolist(), strict=True))
    return sorted(found)


def _signatures(texts: Sequence[str]) -> Hashes:
    """MinHash signatures, shape (bands * rows, texts): for each hash function the least hash of a
    text's 3-grams.
    """
    salts = np.random.default_rng(20_261_122).integers(
        1, 2**32, size=_BANDS * _ROWS, dtype=np.uint32
    ) | np.uint32(1)
    signatures = np.empty((len(salts), len(texts)), dtype=np.uint32)
    for start in range(0, len(texts), _AT_ONCE):
        codes, starts = _gram_codes(texts[start : start + _AT_ONCE])
        for row, salt in enumerate(salts):
            hashes = codes * salt
            hashes ^= hashes >> np.uint32(15)
            hashes *= np.uint32(0x2C1B3C6D)
            signatures[row, start : start + _AT_ONCE] = np.minimum.reduceat(hashes, starts)
    return signatures


def _gram_codes(texts: Sequence[str]) -> tuple[Hashes, Indices]:
    """A hash of every 3-gram of every text in a row, and where each text's begin."""
    padded = [text if len(text) > 2 else text.ljust(3, "\0") for text in texts]
    lengths = np.array([len(text) for text in padded])
    signs = np.frombuffer("".join(padded).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    codes = signs[:-2] | signs[1:-1] << np.uint64(21) | signs[2:] << np.uint64(42)
    ends = np.cumsum(lengths)[:-1]
    inside = np.ones(len(codes), dtype=bool)
    inside[np.concatenate([ends - 1, ends - 2])] = False
    return _mixed(codes[inside]).astype(np.uint32), np.concatenate([[0], np.cumsum(lengths - 2)[:-1]])


def _mixed(codes: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): near codes get hashes far apart."""
    codes = (codes ^ (codes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    codes = (codes ^ (codes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return codes ^ (codes >> np.uint64(31))


def _bucket_pairs(band: Hashes) -> tuple[Indices, Indices]:
    """The pairs (left < right) of texts whose rows of this band are all equal."""
    first, second, third = band.astype(np.uint64)
    keys = _mixed(first ^ _mixed(second ^ _mixed(third)))
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    left, right = [], []
    for distance in range(1, min(_CROWD, len(order) - 1) + 1):
        same = ranked[distance:] == ranked[:-distance]
        if not same.any():
            break
        left.append(order[:-distance][same])
        right.append(order[distance:][same])
    none = np.empty(0, dtype=np.intp)
    return np.concatenate([none, *left]), np.concatenate([none, *right])
