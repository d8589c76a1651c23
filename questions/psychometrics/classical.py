"""Classical item analysis: how hard an item is, whether it tells, and what people choose instead of the key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from questions.psychometrics.responses import Floats, PsychometricsError, matrix

Flag = Literal["negative_discrimination", "dead_distractor", "key_suspect", "too_easy", "too_hard"]
FEWEST = 20  # persons below which no flag is raised: at n = 20 a correlation has a standard error of 0.23
DEAD_SHARE = 0.02  # chosen by fewer, a distractor is not doing its work
TOO_EASY, TOO_HARD = 0.95, 0.05


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """One item: `n` answers, `facility` (mean score, share of `max_score`), `rest_correlation` with the sum of the
    person's other items (-1 to 1). None where there is no data or no variance.
    """

    n: int
    facility: float | None
    rest_correlation: float | None


@dataclass(frozen=True, slots=True)
class OptionCount:
    """One choice of an item: how many took it, their share, and the mean rest score of those people (None for none)."""

    option: str
    count: int
    share: float
    mean_rest: float | None
    is_key: bool


def item_statistics(responses: ArrayLike, max_scores: ArrayLike | None = None) -> tuple[ItemStatistics, ...]:
    """Facility and rest-score correlation of every item.

    `responses`: persons x items, NaN = not asked; `max_scores` (items) turns points into shares, 1 by default. The rest
    score is the mean share over the person's other answered items, which for complete data orders people as the sum
    does. Source: Lord and Novick 1968, ch. 15; LSAT6 gives .113 .153 .173 .144 .122.
    """
    scores = matrix(responses)
    top = np.ones(scores.shape[1]) if max_scores is None else np.asarray(max_scores, dtype=np.float64)
    if top.shape != (scores.shape[1],) or not (top > 0).all():
        raise PsychometricsError(f"max_scores is {top.tolist()!r}; give {scores.shape[1]} numbers above 0")
    shares = scores / top
    return tuple(_statistics(shares[:, j], rest) for j, rest in enumerate(rest_scores(shares).T))


def rest_scores(shares: Floats) -> Floats:
    """For each person and item the mean share over that person's other answered items, NaN where there are none."""
    given = ~np.isnan(shares)
    filled = np.where(given, shares, 0.0)
    count = given.sum(axis=1, keepdims=True) - given
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Floats = (filled.sum(axis=1, keepdims=True) - filled) / count
    result[count == 0] = np.nan
    return result


def alpha(responses: ArrayLike) -> float | None:
    """Cronbach's alpha over the persons who answered every item: J/(J-1) (1 - sum var_j / var total).

    None for fewer than two items or complete persons, or totals without variance. Source: Cronbach 1951; LSAT6 .295.
    """
    scores = matrix(responses)
    complete = scores[~np.isnan(scores).any(axis=1)]
    persons, items = complete.shape
    if items < 2 or persons < 2:
        return None
    total = float(complete.sum(axis=1).var(ddof=1))
    if total == 0:
        return None
    return float(items / (items - 1) * (1 - complete.var(axis=0, ddof=1).sum() / total))


def option_counts(
    chosen: Sequence[str | None], rest: ArrayLike, options: Sequence[str], key: Sequence[str]
) -> tuple[OptionCount, ...]:
    """How often each option was taken and how able its takers are, in the order of `options`.

    `chosen` (persons) is None where the item was not answered; `rest` (persons) are their rest scores. Raises
    PsychometricsError for a choice or key that is no option.
    """
    scores = np.asarray(rest, dtype=np.float64)
    strange = sorted({str(name) for name in (*chosen, *key) if name is not None and name not in options})
    if strange or len(scores) != len(chosen):
        raise PsychometricsError(
            f"{strange or len(scores)} do not fit {list(options)} and {len(chosen)} choices; give a rest score each"
        )
    counts = Counter(name for name in chosen if name is not None)
    answered = sum(counts.values())
    taken = np.array([name or "" for name in chosen], dtype=object)
    return tuple(
        OptionCount(name, counts[name], counts[name] / answered if answered else 0.0,
                    _mean(scores[taken == name]), name in key)
        for name in options
    )  # fmt: skip


def flags(item: ItemStatistics, options: Sequence[OptionCount] = ()) -> tuple[Flag, ...]:
    """What an editor should look at; nothing below 20 answers.

    key_suspect: a distractor taken by more people than the key whose takers are also abler than the key's.
    negative_discrimination: the rest correlation is below 0 by more than two standard errors (1 / sqrt(n - 3)), or, with
    a suspect key, at all. dead_distractor: one taken by fewer than 2 % (3 expected takers are asked for first).
    """
    if item.n < FEWEST or item.facility is None:
        return ()
    found: list[Flag] = []
    suspect = _key_suspect(options)
    r = item.rest_correlation
    if r is not None and (r < -2 / np.sqrt(item.n - 3) or (suspect and r < 0)):
        found.append("negative_discrimination")
    if any(not o.is_key and o.share < DEAD_SHARE for o in options) and item.n * DEAD_SHARE >= 3:
        found.append("dead_distractor")
    if suspect:
        found.append("key_suspect")
    if item.facility > TOO_EASY:
        found.append("too_easy")
    if item.facility < TOO_HARD:
        found.append("too_hard")
    return tuple(found)


def _key_suspect(options: Sequence[OptionCount]) -> bool:
    keys = [option for option in options if option.is_key]
    if len(keys) != 1:
        return False
    rest, count = keys[0].mean_rest, keys[0].count
    return any(
        not option.is_key
        and option.count > count
        and option.mean_rest is not None
        and (rest is None or option.mean_rest > rest)
        for option in options
    )


def _statistics(shares: Floats, rest: Floats) -> ItemStatistics:
    given = ~np.isnan(shares)
    both = given & ~np.isnan(rest)
    return ItemStatistics(int(given.sum()), _mean(shares[given]), _correlation(shares[both], rest[both]))


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _correlation(a: Floats, b: Floats) -> float | None:
    if len(a) < 3 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])
