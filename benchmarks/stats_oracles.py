"""Every method of evalhub.stats beside its oracle, with the difference: python -m benchmarks.stats_oracles.

Oracles are libraries where they install, published figures elsewhere; EVALHUB_SHARED names the folder of real data.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import krippendorff
import numpy as np
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower

from evalhub.stats import (
    adaptive,
    agreement,
    bradley_terry,
    intervals,
    judges,
    length_bias,
    multiple,
    pairs,
    pass_at_k,
    planning,
    sequential,
    tango,
)

SHARED = Path(os.environ.get("EVALHUB_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
Z = float(stats.norm.isf(0.025))


class Line(NamedTuple):
    method: str
    oracle: str
    ours: float
    theirs: float


def proportions() -> Iterator[Line]:
    found = stats.binomtest(81, 263)
    yield Line(
        "Wilson 81/263, low", "scipy", intervals.wilson(81, 263).low, found.proportion_ci(method="wilson").low
    )
    yield Line(
        "Clopper-Pearson 81/263, high",
        "scipy",
        intervals.clopper_pearson(81, 263).high,
        found.proportion_ci().high,
    )
    yield Line("Wilson 15/148, low", "Newcombe 1998", intervals.wilson(15, 148).low, 0.0624)


def means() -> Iterator[Line]:
    rng = np.random.default_rng(1)
    scores, groups = rng.beta(4, 2, 300), rng.integers(0, 40, 300)
    t = stats.t.interval(0.95, 299, scores.mean(), stats.sem(scores))
    yield Line("Student t, low", "scipy", intervals.mean_t(scores).low, t[0])
    model = sm.OLS(scores, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    mine = intervals.clustered(scores, groups)
    error = (mine.high - mine.estimate) / stats.t.isf(0.025, len(set(groups)) - 1)
    yield Line("clustered SE", "statsmodels", error, model.bse[0])
    boot = stats.bootstrap((scores,), np.median, method="BCa", n_resamples=9999, rng=np.random.default_rng(2))
    mine = intervals.bootstrap_bca(lambda x: float(np.median(x)), scores, resamples=9999, seed=3)
    yield Line("BCa of a median, low (other seed)", "scipy", mine.low, boot.confidence_interval.low)


def comparisons() -> Iterator[Line]:
    yield Line(
        "exact McNemar 30:17", "statsmodels", pairs.mcnemar_exact(30, 17), mcnemar([[0, 30], [17, 0]]).pvalue
    )
    yield Line("Tango 1:7 of 21, low", "Fagerland 2014", tango.limits(1, 7, 21, 0.95).low, -0.517)
    yield Line("Tango 28:25 of 618 at 90 %, high", "R PropCIs", tango.limits(28, 25, 618, 0.9).high, 0.0247)
    rng = np.random.default_rng(4)
    one, two = rng.gamma(2, 1, 50), rng.gamma(2, 1.2, 50)
    yield Line(
        "paired t, p",
        "scipy",
        pairs.paired_difference(one, two, bounds=None).p,
        stats.ttest_rel(one, two).pvalue,
    )
    p = rng.beta(0.5, 2, 9)
    yield Line(
        "Holm, largest gap over 9",
        "statsmodels",
        0.0,
        np.abs(multiple.holm(p) - multipletests(p, method="holm")[1]).max(),
    )
    other = multipletests(p, method="fdr_bh")[1]
    yield Line(
        "Benjamini-Hochberg, largest gap",
        "statsmodels",
        0.0,
        np.abs(multiple.benjamini_hochberg(p) - other).max(),
    )


def plans() -> Iterator[Line]:
    for points, items in ((0.01, 11_766), (0.02, 2_936), (0.03, 1_301), (0.05, 464)):
        yield Line(
            f"items for {points:.0%} at 15 % discordant",
            "statistics.md",
            planning.items_needed(points, 0.15),
            items,
        )
    effect = 0.02 / np.sqrt(0.1 - 0.0004)
    theirs = NormalIndPower(ddof=0).power(effect, 2000, 0.05, ratio=0)
    yield Line("power at n = 2000, 10 %, 2 points", "statsmodels", planning.power(2000, 0.02, 0.1), theirs)
    yield Line("pass@2 of 5 with 2 right", "1 - C(3,2)/C(5,2)", pass_at_k.pass_at_k(5, 2, 2), 0.7)
    yield Line("pass^2 of 5 with 2 right", "C(2,2)/C(5,2)", pass_at_k.pass_hat_k(5, 2, 2), 0.1)


def sequences() -> Iterator[Line]:
    scores = (np.arange(200) * 7919 % 10) / 9.0
    for population, low, high in ((None, 0.431, 0.572), (300, 0.453, 0.552)):
        found = sequential.confidence_sequence(scores, population)
        what = "betting" if population is None else "without replacement, N = 300"
        yield Line(f"confidence sequence, {what}, low", "confseq 0.0.11", found.low[-1], low)
        yield Line(f"confidence sequence, {what}, high", "confseq 0.0.11", found.high[-1], high)
    yield Line("e-process 2:0 with a = 1", "4/3 by hand", sequential.eprocess(2, 0, 1.0), 4 / 3)


def raters() -> Iterator[Line]:
    rng = np.random.default_rng(5)
    one = rng.integers(0, 5, 120)
    two = np.where(rng.random(120) < 0.6, one, rng.integers(0, 5, 120))
    mine = agreement.quadratic_kappa(one, two)
    yield Line(
        "quadratic kappa", "scikit-learn", mine.estimate, cohen_kappa_score(one, two, weights="quadratic")
    )
    table = np.zeros((5, 5))
    np.add.at(table, (one, two), 1)
    yield Line(
        "its standard error", "statsmodels", mine.width / 2 / Z, cohens_kappa(table, wt="fc").std_kappa
    )
    data = np.where(
        rng.random((60, 4)) < 0.2, np.nan, rng.integers(1, 5, (60, 1)) + (rng.random((60, 4)) < 0.2)
    )
    for metric in ("nominal", "ordinal", "interval", "ratio"):
        theirs = krippendorff.alpha(reliability_data=data.T, level_of_measurement=metric)
        yield Line(
            f"alpha, {metric}",
            "krippendorff",
            agreement.krippendorff_alpha(data, metric, resamples=10).estimate,
            theirs,
        )


def corrections() -> Iterator[Line]:
    human = (np.arange(500) * 7919 % 100 < 62).astype(float)
    judged = np.where(np.arange(500) * 104729 % 10 < 8, human, 1 - human)
    rest = (np.arange(4000) * 15485863 % 1000 < 550).astype(float)
    found = judges.ppi_mean(human, judged, rest)
    yield Line("PPI++ mean", "ppi-python 0.2.3", found.estimate, 0.60485501)
    yield Line("PPI++ low (ours by score method)", "ppi-python 0.2.3", found.low, 0.56937907)
    yield Line(
        "Rogan-Gladen 23/150, Se .96, Sp .89",
        "epiR",
        judges.rogan_gladen(23, 150, (96, 100), (89, 100)).estimate,
        0.051,
    )
    rng = np.random.default_rng(6)
    own, rival = rng.integers(50, 900, 400), rng.integers(50, 900, 400)
    ratio = np.log(own / rival)
    won = (rng.random(400) < 1 / (1 + np.exp(-0.6 * ratio))).astype(float)
    design = np.stack([np.ones(400), ratio / ratio.std()], axis=1)
    model = sm.GLM(won, design, family=sm.families.Binomial()).fit(cov_type="HC0")
    slope = length_bias.length_bias(won, own, rival).slope
    yield Line("length slope", "statsmodels GLM", slope.estimate, model.params[1])
    yield Line("its HC0 standard error", "statsmodels GLM", slope.width / 2 / Z, model.bse[1])


def votes() -> Iterator[Line]:
    games = [
        ("A", "B", 2),
        ("B", "A", 3),
        ("A", "D", 1),
        ("D", "A", 4),
        ("B", "C", 5),
        ("C", "B", 3),
        ("C", "D", 1),
        ("D", "C", 3),
    ]
    found = bradley_terry.fit(games)
    for name, strength in zip("ABCD", (0.640, 1.043, 0.660, 2.270), strict=True):
        ours = float(np.exp(found.strengths[found.names.index(name)]))
        yield Line(f"strength {name} of 22 games", "arena-rank's test", ours, strength)


def abilities() -> Iterator[Line]:
    a = [0.8254, 0.7229, 0.8905, 0.6886, 0.6575]
    items = np.stack([a, [-3.3597, -1.3696, -0.2799, -1.8659, -3.1236]], axis=1)
    for answers, name, mean in (([0] * 5, "all wrong", -1.897), ([1] * 5, "all right", 0.646)):
        yield Line(
            f"EAP of LSAT6, {name}", "published", adaptive.ability(answers, items, range(5)).mean, mean
        )


def real_data() -> Iterator[Line]:
    published = json.loads((SHARED / "battles/citations_REFERENCE.json").read_text())["citations"]
    rows = list(csv.DictReader((SHARED / "battles/citations_stigler.csv").open()))
    found = bradley_terry.fit(
        [(r["journal1"], r["journal2"], float(r["win1"])) for r in rows]
        + [(r["journal2"], r["journal1"], float(r["win2"])) for r in rows]
    )
    for name, (strength, _) in published.items():
        yield Line(
            f"citations, {name}", "BradleyTerry2", found.difference(name, "Biometrika").estimate, strength
        )
    data = np.load(SHARED / "matrix/mmlu_pro/mmlu_pro_predictions.npz", allow_pickle=False)
    right = np.where(data["pred"] == 254, np.nan, data["pred"] == data["answer"])
    shown = {
        r["model"]: r for r in csv.DictReader((SHARED / "matrix/mmlu_pro/REFERENCE_accuracy.csv").open())
    }
    gaps = [
        abs(
            intervals.for_scores(s[data["category"] == c]).estimate
            - float(shown[m][f"acc_{c.replace(' ', '_')}"])
        )
        for m, s in zip(data["models"].tolist(), right, strict=True)
        for c in ("computer science", "philosophy")
    ]
    yield Line("MMLU-Pro, 58 accuracies, largest gap", "published", max(gaps), 0.0)
    yield from alpaca()
    yield from llmbar()


def alpaca() -> Iterator[Line]:
    folder = SHARED / "nc/judge/alpaca_eval"
    data = np.load(folder / "v1_gpt4_11models.npz", allow_pickle=False)
    shown = {r[""]: r for r in csv.DictReader((folder / "REFERENCE_leaderboard_v1_subset.csv").open())}
    rates, errors = [], []
    for model, marks in zip(data["models"].tolist(), data["preference"], strict=True):
        found = intervals.mean_t(np.where(marks == 0.0, 0.5, marks - 1.0))
        rates.append(abs(100 * found.estimate - float(shown[model]["win_rate"])))
        error = 100 * (found.high - found.estimate) / stats.t.isf(0.025, found.n - 1)
        errors.append(abs(error - float(shown[model]["standard_error"])))
    yield Line("AlpacaEval, 11 win rates (%), largest gap", "published", max(rates), 0.0)
    yield Line("AlpacaEval, 11 standard errors (%), largest gap", "published", max(errors), 0.0)


def llmbar() -> Iterator[Line]:
    verdicts: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with gzip.open(SHARED / "judge/llmbar_natural_verdicts.csv.gz", "rt") as rows:
        for row in csv.DictReader(rows):
            pair = (row["winner_noswap"] or "2", row["winner_swap"] or "2")  # as the authors' kappa did
            verdicts.setdefault((row["evaluator"], row["strategy"]), []).append(pair)
    gaps = []
    for row in csv.DictReader((SHARED / "judge/llmbar_natural_REFERENCE_statistics.csv").open()):
        plain, swapped = zip(*verdicts[row["evaluator"], row["strategy"]], strict=True)
        gaps.append(abs(agreement.cohen_kappa(plain, swapped).estimate - float(row["kappa_agreement"])))
    yield Line("LLMBar, 65 judges' kappa, largest gap", "published", max(gaps), 0.0)


def main() -> None:
    parts = [proportions, means, comparisons, plans, sequences, raters, corrections, votes, abilities]
    if SHARED.is_dir():
        parts.append(real_data)
    print("| method | oracle | ours | theirs | difference |\n|---|---|---|---|---|")
    for part in parts:
        for line in part():
            print(
                f"| {line.method} | {line.oracle} | {line.ours:.6g} | {line.theirs:.6g} | {line.ours - line.theirs:.1e} |"
            )
    if not SHARED.is_dir():
        print(f"\nNo shared data at {SHARED}; set EVALHUB_SHARED for the published boards.")


if __name__ == "__main__":
    main()
