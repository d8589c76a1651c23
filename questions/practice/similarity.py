"""How like a reference an answer is, by its characters: chrF, and its map to scores through graded samples. Pure.

chrF: Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015 (n-grams to 6, beta 2: recall
weighs more than precision). Isotonic regression by pooling adjacent violators: Barlow et al., Statistical Inference
under Order Restrictions, 1972.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from questions.kinds.texts import squash

LONGEST_GRAM, BETA = 6, 2.0


def chrf(answer: str, reference: str) -> float | None:
    """The share 0 to 1; width, case, spaces and punctuation are folded. None where the reference says nothing.

    Worked example: "abc" against "abd": n = 1 shares 2 of 3, n = 2 shares 1 of 2, n = 3 none of 1, so precision and
    recall are 0.3889 each and so is the F-score.
    """
    said, wanted = squash(answer), squash(reference)
    if not wanted:
        return None
    precision = recall = 0.0
    orders = min(LONGEST_GRAM, len(wanted))
    for n in range(1, orders + 1):
        mine, theirs = _grams(said, n), _grams(wanted, n)
        shared = sum((mine & theirs).values())
        precision += shared / max(1, mine.total())
        recall += shared / theirs.total()
    precision, recall = precision / orders, recall / orders
    if precision + recall == 0:
        return 0.0
    return (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def _grams(text: str, n: int) -> Counter[str]:
    return Counter(text[at : at + n] for at in range(len(text) - n + 1))


@dataclass(frozen=True, slots=True)
class Rising:
    """A map that never falls: between its points a straight line, outside them the nearest one's value."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def __call__(self, x: float) -> float:
        if x <= self.xs[0]:
            return self.ys[0]
        for left, right, low, high in zip(self.xs, self.xs[1:], self.ys, self.ys[1:], strict=False):
            if x <= right:
                return low + (high - low) * (x - left) / (right - left)
        return self.ys[-1]


def fit_rising(xs: Sequence[float], ys: Sequence[float]) -> Rising | None:
    """Least squares among maps that never fall; None with fewer than three different x: that is no map.

    Worked example: x 1 2 3 4, y 0 3 1 4 gives 0 2 2 4.
    """
    by_x: dict[float, list[float]] = {}
    for x, y in sorted(zip(xs, ys, strict=True)):
        by_x.setdefault(x, []).append(y)
    if len(by_x) < 3:
        return None
    blocks: list[list[float]] = []  # mean, weight, how many x
    for values in by_x.values():
        blocks.append([sum(values) / len(values), float(len(values)), 1.0])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, weight, count = blocks.pop()
            before = blocks[-1]
            total = before[1] + weight
            blocks[-1] = [(before[0] * before[1] + mean * weight) / total, total, before[2] + count]
    fitted = tuple(mean for mean, _, count in blocks for _ in range(int(count)))
    return Rising(tuple(by_x), fitted)
