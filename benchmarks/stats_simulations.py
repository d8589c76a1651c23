"""Coverage and error rates of evalhub.stats by simulation: python -m benchmarks.stats_simulations [part ...].

Prints one Markdown table a part. 10 000 replications unless --replications says otherwise; every part has its own seed, so a part
run alone gives the same numbers. Monte Carlo error at 95 % and 10 000 replications: +- 0.4 points.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalhub.stats import (
    agreement,
    bradley_terry,
    gates,
    intervals,
    judges,
    pairs,
    planning,
    ranks,
    sequential,
)
from evalhub.stats.gates import Capability, Verdict

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Row:
    """what was simulated, what was promised, what was found (a share of replications, or items)."""

    what: str
    promised: str
    found: str


def share(hits: float, runs: int) -> str:
    return f"{100 * hits / runs:.1f} %"


def interval_coverage(rng: Rng, runs: int) -> Iterator[Row]:
    """Intervals of one proportion and of bounded means."""
    for n, p in ((20, 0.95), (50, 0.9), (200, 0.98), (1000, 0.5)):
        counts = rng.binomial(n, p, runs)
        rate = counts / n
        wald = np.abs(rate - p) <= 1.96 * np.sqrt(rate * (1 - rate) / n)
        wilson = _by_count(counts, n, lambda k, n=n, p=p: p in intervals.wilson(k, n))
        exact = _by_count(counts, n, lambda k, n=n, p=p: p in intervals.clopper_pearson(k, n))
        yield Row(f"Wald, p = {p}, n = {n} (for comparison)", "95 %", share(wald.sum(), runs))
        yield Row(f"Wilson, p = {p}, n = {n}", "95 %", share(wilson, runs))
        yield Row(f"Clopper-Pearson, p = {p}, n = {n}", ">= 95 %", share(exact, runs))
    shapes: dict[str, Callable[[tuple[int, int]], np.ndarray]] = {
        "thirds, mean .77": lambda s: rng.choice([0, 1 / 3, 2 / 3, 1], s, p=[0.1, 0.1, 0.2, 0.6]),
        "95 % ones, some halves": lambda s: rng.choice([0, 0.5, 1], s, p=[0.01, 0.04, 0.95]),
        "mostly .5, 10 % ones": lambda s: np.where(rng.random(s) < 0.1, 1.0, 0.5 + 0.02 * rng.random(s)),
    }
    for name, draw in shapes.items():
        truth = draw((1_000_000, 1)).mean()
        for n in (10, 50, 200):
            scores = draw((runs, n))
            mine = sum(truth in intervals.for_scores(row) for row in scores)
            centre, error = scores.mean(axis=1), scores.std(axis=1, ddof=1) / np.sqrt(n)
            t = np.abs(centre - truth) <= stats.t.isf(0.025, n - 1) * error
            yield Row(f"t, {name}, n = {n} (for comparison)", "95 %", share(t.sum(), runs))
            yield Row(f"for_scores, {name}, n = {n}", "95 %", share(mine, runs))


def clustered_coverage(rng: Rng, runs: int) -> Iterator[Row]:
    """Items in clusters: mean p, correlation within clusters icc."""
    for p, icc, clusters, size in (
        (0.95, 0.3, 20, 5),
        (0.8, 0.3, 10, 4),
        (0.5, 0.3, 50, 5),
        (0.98, 0.1, 100, 3),
    ):
        spread = (1 - icc) / icc
        chance = rng.beta(p * spread, (1 - p) * spread, (runs, clusters, 1))
        scores = (rng.random((runs, clusters, size)) < chance).reshape(runs, -1).astype(float)
        label = np.repeat(np.arange(clusters), size)
        for name, method in (
            ("cluster-robust t (Miller)", intervals.clustered),
            ("for_scores", intervals.for_scores),
        ):
            held = sum(p in method(row, label) for row in scores)
            yield Row(
                f"{name}, p = {p}, icc = {icc}, {clusters} clusters of {size}", "95 %", share(held, runs)
            )
        bare = sum(p in intervals.for_scores(row) for row in scores[: runs // 5])
        yield Row(f"clusters ignored, p = {p}, icc = {icc} (for comparison)", "95 %", share(bare, runs // 5))


def paired(rng: Rng, runs: int) -> Iterator[Row]:
    """Two endpoints on shared items."""
    for n, up, down in ((30, 0.1, 0.1), (100, 0.15, 0.05), (500, 0.06, 0.04)):
        draws = rng.multinomial(n, [up, down, 1 - up - down], runs)
        cache: dict[tuple[int, int], bool] = {}
        held = sum(_tango_holds(int(b), int(c), n, up - down, cache) for b, c, _ in draws)
        yield Row(
            f"Tango interval, n = {n}, discordant {up + down:.0%}, gap {up - down:.0%}",
            "95 %",
            share(held, runs),
        )
    for clusters, size, discordant in ((20, 5, 0.1), (100, 2, 0.03)):
        held = sum(_clustered_difference_holds(rng, clusters, size, discordant) for _ in range(runs))
        what = f"clustered difference, {clusters} clusters of {size}, {discordant:.0%} discordant, icc 0.5"
        yield Row(what, "95 %", share(held, runs))
    for n in (50, 500):
        draws = rng.multinomial(n, [0.1, 0.1, 0.8], runs)
        wrong = sum(pairs.mcnemar_exact(int(b), int(c)) < 0.05 for b, c, _ in draws)
        yield Row(f"exact McNemar, no gap, n = {n}: false alarms", "<= 5 %", share(wrong, runs))
    n = 2000
    draws = rng.multinomial(n, [0.06, 0.04, 0.55, 0.35], runs)
    found = sum(pairs.mcnemar_exact(int(b), int(c)) < 0.05 for b, c, _, _ in draws)
    one, two = (draws[:, 0] + draws[:, 2]) / n, (draws[:, 1] + draws[:, 2]) / n
    z = np.abs(one - two) / np.sqrt((one * (1 - one) + two * (1 - two)) / n)
    yield Row(
        "power, paired, n = 2000, 10 % discordant, gap 2 points",
        f"{planning.power(n, 0.02, 0.1):.0%}",
        share(found, runs),
    )
    yield Row("power, unpaired z on the same answers (for comparison)", "9 %", share((z > 1.96).sum(), runs))


def rank_sets(rng: Rng, runs: int) -> Iterator[Row]:
    """Boards of 10 endpoints: is any true rank outside its set?"""
    boards = (
        ("all equal, 200 items", np.full(10, 1.0), 200, 0.0, 1, runs),
        ("two groups, 200 items, 30 % missing", np.repeat([1.0, 2.0], 5), 200, 0.3, 1, runs // 4),
        ("all equal, 40 clusters of 5", np.full(10, 1.0), 200, 0.0, 5, runs // 4),
    )
    for name, level, items, missing, size, some in boards:
        held = sum(_board_holds(rng, level, items, missing, size, seed) for seed in range(some))
        yield Row(f"rank sets, {name}: all true ranks covered ({some} boards)", ">= 95 %", share(held, some))


def release_gates(rng: Rng, runs: int) -> Iterator[Row]:
    """Lineages of 5 checkpoints, 2 capabilities of 300 items, margin 5 points, alpha 5 %: a verdict after every checkpoint."""
    for what, deltas, discordant, some in (
        ("both capabilities exactly at the margin, 20 % flips", (-0.05, -0.05), 0.2, runs),
        ("both exactly at the margin, 6 % flips", (-0.05, -0.05), 0.06, runs // 5),
        ("one at the margin, one unchanged, 20 % flips", (-0.05, 0.0), 0.2, runs // 5),
    ):
        lineages = [_verdicts(rng, deltas, discordant) for _ in range(some)]
        for wrong in (Verdict.PASS, Verdict.FAIL):
            hits = sum(wrong in verdicts for verdicts in lineages)
            yield Row(f"gate, {what}: any false {wrong} ({some} runs)", "<= 5 %", share(hits, some))


def early_decisions(rng: Rng, runs: int) -> Iterator[Row]:
    """A against B by e-process, looked at after every item, 15 % discordant, at most 1000 items."""
    table = np.array([[np.log(sequential.eprocess(b, c)) for c in range(260)] for b in range(260)])
    for gap in (0.0, 0.05, 0.08):
        draws = rng.random((runs, 1000), dtype=np.float32)
        b = np.cumsum(draws < (0.15 + gap) / 2, axis=1, dtype=np.int16)
        c = np.cumsum((draws >= (0.15 + gap) / 2) & (draws < 0.15), axis=1, dtype=np.int16)
        crossed = table[b, c] >= np.log(20)
        decided, when = crossed.any(axis=1), crossed.argmax(axis=1)
        rows = np.arange(runs)
        wrong = decided & (b[rows, when] <= c[rows, when]) if gap else decided
        yield Row(f"e-process, gap {gap:.0%}: decided wrongly", "<= 5 %", share(wrong.sum(), runs))
        if gap:
            items = np.where(decided, when + 1, 1000).mean()
            yield Row(
                f"e-process, gap {gap:.0%}: decided, mean items",
                "-",
                f"{share(decided.sum(), runs)}, {items:.0f}",
            )


def peeking(rng: Rng, runs: int) -> Iterator[Row]:
    """A mean looked at after every item up to 200: does the interval ever exclude the truth, p = .7?"""
    n, p = 200, 0.7
    excludes = np.array(
        [[k <= m and p not in intervals.wilson(k, m) for k in range(n + 1)] for m in range(1, n + 1)]
    )
    counts = np.cumsum(rng.random((runs, n)) < p, axis=1)
    ever = excludes[np.arange(n)[None, :], counts].any(axis=1)
    yield Row("Wilson recomputed after every item (for comparison)", "5 %", share(ever.sum(), runs))
    some = runs // 2
    scores = (rng.random((some, n)) < p).astype(float)
    yield Row(
        f"betting confidence sequence ({some} runs)",
        "<= 5 %",
        share(sum(_leaves(row, p) for row in scores), some),
    )
    suite = np.r_[np.ones(210), np.zeros(90)]
    wrong = sum(_leaves(rng.permutation(suite)[:n], p, 300) for _ in range(some))
    yield Row(f"the same without replacement, suite of 300 ({some} runs)", "<= 5 %", share(wrong, some))


def corrections(rng: Rng, runs: int) -> Iterator[Row]:
    """Judge correction, agreement and votes."""
    truth = 0.6
    held = raw = 0
    for _ in range(runs):
        positives = int(rng.binomial(500, truth * 0.9 + (1 - truth) * 0.2))
        held += truth in judges.rogan_gladen(
            positives, 500, (int(rng.binomial(60, 0.9)), 60), (int(rng.binomial(40, 0.8)), 40)
        )
        raw += truth in intervals.wilson(positives, 500)
    yield Row("Rogan-Gladen, judge 90 % / 80 %, 100 labels", "95 %", share(held, runs))
    yield Row("the judge's raw rate (for comparison)", "95 %", share(raw, runs))
    for labels in (20, 100):
        held = sum(_ppi_holds(rng, labels) for _ in range(runs))
        yield Row(f"prediction-powered mean, {labels} labels, judge 90 % right", "95 %", share(held, runs))
    strengths = np.array([0.0, 0.3, 0.8])
    held = sum(_difference_holds(rng, strengths) for _ in range(runs))
    yield Row("Bradley-Terry difference, 60 votes a pair", "95 %", share(held, runs))
    some = runs // 2
    big = _raters(rng, 1_000_000)
    true_kappa = agreement.quadratic_kappa(big[:, 0], big[:, 1]).estimate
    true_alpha = agreement.krippendorff_alpha(_raters(rng, 200_000), "interval", resamples=1).estimate
    held = sum(true_kappa in agreement.quadratic_kappa(*_raters(rng, 100).T) for _ in range(some))
    yield Row(f"quadratic kappa, 100 items ({some} runs)", "95 %", share(held, some))
    some = runs // 10
    held = sum(
        true_alpha in agreement.krippendorff_alpha(_raters(rng, 100), "interval", resamples=500, seed=i)
        for i in range(some)
    )
    yield Row(f"Krippendorff's alpha, 100 items, bootstrap ({some} runs)", "95 %", share(held, some))


PARTS: dict[str, tuple[int, Callable[[Rng, int], Iterator[Row]]]] = {
    "intervals": (101, interval_coverage),
    "clusters": (102, clustered_coverage),
    "pairs": (103, paired),
    "ranks": (104, rank_sets),
    "gates": (105, release_gates),
    "early": (106, early_decisions),
    "peeking": (107, peeking),
    "judges": (108, corrections),
}


def _by_count(counts: np.ndarray, n: int, holds: Callable[[int], bool]) -> int:
    known = {int(k): holds(int(k)) for k in np.unique(counts)}
    return sum(known[int(k)] for k in counts)


def _tango_holds(b: int, c: int, n: int, gap: float, cache: dict[tuple[int, int], bool]) -> bool:
    if (b, c) not in cache:
        interval = pairs.paired_difference(
            [1.0] * b + [0.0] * (n - b), [0.0] * b + [1.0] * c + [0.0] * (n - b - c)
        ).interval
        cache[b, c] = gap in interval
    return cache[b, c]


def _clustered_difference_holds(rng: Rng, clusters: int, size: int, discordant: float) -> bool:
    """Chances of gain, loss and neither differ between clusters; gains make 65 % of the discordant items."""
    chance = rng.dirichlet([0.65 * discordant, 0.35 * discordant, 1 - discordant], clusters)
    draw = rng.random((clusters, size))
    gained = (draw < chance[:, :1]).ravel().astype(float)
    lost = ((draw >= chance[:, :1]) & (draw < chance[:, :2].sum(axis=1, keepdims=True))).ravel().astype(float)
    found = pairs.paired_difference(gained, lost, np.repeat(np.arange(clusters), size))
    return 0.3 * discordant in found.interval


def _board_holds(rng: Rng, level: np.ndarray, items: int, missing: float, size: int, seed: int) -> bool:
    """No endpoint is said to beat one that is truly as good: then every true rank lies in its set."""
    ease = np.repeat(rng.normal(0, 1.5, (items // size, 1)), size, axis=0)
    own = np.repeat(rng.normal(0, 0.8, (items // size, level.size)), size, axis=0) if size > 1 else 0.0
    scores = (rng.random((items, level.size)) < 1 / (1 + np.exp(-(ease + own + level)))).astype(float)
    if missing:
        scores[rng.random(scores.shape) < missing] = np.nan
    label = np.arange(items) // size if size > 1 else None
    beats = ranks.ranking(scores, seed=seed, resamples=300, clusters=label).beats
    return not (beats & (level[:, None] <= level[None, :])).any()


def _verdicts(rng: Rng, deltas: tuple[float, ...], discordant: float) -> set[Verdict]:
    found = set()
    for look in range(1, 6):
        capabilities = [_capability(rng, f"c{i}", delta, discordant) for i, delta in enumerate(deltas)]
        found.add(gates.non_inferiority(capabilities, look=look, looks=5).verdict)
    return found


def _capability(rng: Rng, name: str, delta: float, discordant: float) -> Capability:
    up, down = (discordant + delta) / 2, (discordant - delta) / 2
    both, gained, lost, neither = rng.multinomial(
        300, [0.6 * (1 - discordant), up, down, 0.4 * (1 - discordant)]
    )
    parent = np.repeat([1.0, 0.0, 1.0, 0.0], [both, gained, lost, neither])
    child = np.repeat([1.0, 1.0, 0.0, 0.0], [both, gained, lost, neither])
    return Capability(name, parent, child, 0.05)


def _leaves(scores: np.ndarray, p: float, population: int | None = None) -> bool:
    found = sequential.confidence_sequence(scores, population)
    return bool(((found.low > p + 1e-9) | (found.high < p - 1e-9)).any())


def _ppi_holds(rng: Rng, labels: int) -> bool:
    truth = (rng.random(labels + 1000) < 0.7).astype(float)
    judged = np.where(rng.random(truth.size) < 0.9, truth, 1 - truth)
    return 0.7 in judges.ppi_mean(truth[:labels], judged[:labels], judged[labels:])


def _difference_holds(rng: Rng, strengths: np.ndarray) -> bool:
    votes = []
    for a, b in ((0, 1), (1, 2), (0, 2)):
        wins = int(np.clip(rng.binomial(60, 1 / (1 + np.exp(strengths[b] - strengths[a]))), 1, 59))
        votes += [(a, b, wins), (b, a, 60 - wins)]
    return (strengths[2] - strengths[0]) in bradley_terry.fit(votes).difference(2, 0)


def _raters(rng: Rng, items: int) -> np.ndarray:
    truth = rng.integers(0, 5, (items, 1))
    return np.where(rng.random((items, 2)) < 0.6, truth, rng.integers(0, 5, (items, 2))).astype(float)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"one or more of {', '.join(PARTS)}; all if none"
    )
    parser.add_argument("--replications", type=int, default=10_000)
    options = parser.parse_args()
    if unknown := sorted(set(options.parts) - set(PARTS)):
        parser.error(f"unknown part {unknown[0]!r}; choose from {', '.join(PARTS)}")
    for name in options.parts or PARTS:
        seed, part = PARTS[name]
        start = time.process_time()
        print(
            f"\n### {name}: {part.__doc__.splitlines()[0]}\n\n| simulated | promised | found |\n|---|---|---|"
        )
        for row in part(np.random.default_rng(seed), options.replications):
            print(f"| {row.what} | {row.promised} | {row.found} |", flush=True)
        print(
            f"\n{options.replications} replications, seed {seed}, {time.process_time() - start:.0f} s of CPU time."
        )


if __name__ == "__main__":
    main()
