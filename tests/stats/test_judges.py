"""Judge correction: by hand, against ppi-python, by simulation; position and length bias on real judges."""

import csv
import gzip
import re
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from evalhub.stats import agreement, intervals, judges, length_bias
from evalhub.stats.arguments import BadArgument, TooFewItems

HUMAN = (np.arange(500) * 7919 % 100 < 62).astype(float)
JUDGED = np.where(np.arange(500) * 104729 % 10 < 8, HUMAN, 1 - HUMAN)
REST = (np.arange(4000) * 15485863 % 1000 < 550).astype(float)


def test_rogan_gladen_worked_example() -> None:
    # epiR's manual: 23 of 150 cows positive, sensitivity 96 %, specificity 89 %: true prevalence .051
    found = judges.rogan_gladen(23, 150, (96, 100), (89, 100))
    assert found.estimate == pytest.approx((23 / 150 + 0.89 - 1) / (0.96 + 0.89 - 1))
    assert round(found.estimate, 3) == 0.051


def test_lang_reiczigel_limits_by_hand() -> None:
    # 60 of 100, sensitivity 45/50, specificity 40/50; every step written out
    z = 1.959963984540054
    n, share = 100 + z**2, (60 + z**2 / 2) / (100 + z**2)
    se, sp = 46 / 52, 41 / 52
    rate = (share + sp - 1) / (se + sp - 1)
    shift = 2 * z**2 * (rate * se * (1 - se) / 52 - (1 - rate) * sp * (1 - sp) / 52)
    spread = share * (1 - share) / n + rate**2 * se * (1 - se) / 52 + (1 - rate) ** 2 * sp * (1 - sp) / 52
    half = z * spread**0.5 / (se + sp - 1)
    found = judges.rogan_gladen(60, 100, (45, 50), (40, 50))
    assert (found.low, found.high) == pytest.approx((rate + shift - half, rate + shift + half))
    assert found.estimate == pytest.approx(0.4 / 0.7)


def test_rogan_gladen_covers_where_the_raw_rate_is_biased() -> None:
    rng, truth, held, raw, runs = np.random.default_rng(0), 0.6, 0, 0, 600
    for _ in range(runs):
        positives = int(rng.binomial(500, truth * 0.9 + (1 - truth) * 0.2))
        slice_ = (int(rng.binomial(60, 0.9)), 60), (int(rng.binomial(40, 0.8)), 40)
        held += truth in judges.rogan_gladen(positives, 500, *slice_)
        raw += truth in intervals.wilson(positives, 500)
    assert held / runs == pytest.approx(0.95, abs=0.03)
    assert raw / runs < 0.9


def test_ppi_agrees_with_ppi_python() -> None:
    # ppi-python 0.2.3, ppi_mean_pointestimate and ppi_mean_ci on the same arrays: tuned, then lambda = 1
    found = judges.ppi_mean(HUMAN, JUDGED, REST)
    assert found.estimate == pytest.approx(0.60485501, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((0.56937907, 0.64033096), abs=6e-4)
    found = judges.ppi_mean(HUMAN, JUDGED, REST, tuned=False)
    assert found.estimate == pytest.approx(0.59)
    assert (found.low, found.high) == pytest.approx((0.54802404, 0.63197596), abs=6e-4)


def test_ppi_covers_and_beats_human_labels_alone() -> None:
    rng, held, narrower, runs = np.random.default_rng(1), 0, 0, 300
    for _ in range(runs):
        truth = (rng.random(1100) < 0.7).astype(float)
        judged = np.where(rng.random(1100) < 0.9, truth, 1 - truth) * 0.8 + 0.1
        found = judges.ppi_mean(truth[:100], judged[:100], judged[100:])
        held += 0.7 in found
        narrower += found.width < intervals.for_scores(truth[:100]).width
    assert held / runs == pytest.approx(0.95, abs=0.035)
    assert narrower / runs > 0.95


def test_ppi_with_a_useless_judge_is_the_human_mean() -> None:
    found = judges.ppi_mean([1, 0, 1, 1], [0.5] * 4, [0.5] * 100)
    alone = intervals.for_scores([1, 0, 1, 1])
    assert found.estimate == pytest.approx(0.75)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))
    assert judges.ppi_mean([1, 0], [1, 0], []).estimate == 0.5
    assert judges.ppi_mean([], [], [1.0]) is None
    assert judges.ppi_mean([4, 9], [5, 9], [7, 8], bounds=(1, 10)).estimate > 1


def test_position_bias_by_hand() -> None:
    plain = [1, 1, 1, -1, 0, 1, np.nan]
    swapped = [1, -1, -1, -1, 0, 0, 1]
    found = judges.position_bias(plain, swapped)
    assert (found.n, found.first, found.second) == (6, 3, 0)
    assert found.consistent.estimate == pytest.approx(0.5)
    assert found.preference.estimate == pytest.approx(0.5)
    assert found.p == 0.25
    assert judges.position_bias([np.nan], [1]) is None


def test_llmbar_judges_reproduce_the_published_statistics(shared_data: Path) -> None:
    verdicts: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    with gzip.open(shared_data / "judge/llmbar_natural_verdicts.csv.gz", "rt") as rows:
        for row in csv.DictReader(rows):
            marks = (row["label"], row["winner_noswap"], row["winner_swap"])
            verdicts.setdefault((row["evaluator"], row["strategy"]), []).append(marks)
    with (shared_data / "judge/llmbar_natural_REFERENCE_statistics.csv").open() as rows:
        published = {(row["evaluator"], row["strategy"]): row for row in csv.DictReader(rows)}
    assert len(published) == 65
    for name, row in published.items():
        label, plain, swapped = np.array(verdicts[name]).T
        for mine, column in ((plain, "correct_False"), (swapped, "correct_True")):
            right = intervals.wilson(int((mine == label).sum()), len(label))
            assert 100 * right.estimate == pytest.approx(_percent(row[column]))
        filled = [
            np.where(mine == "", "2", mine).tolist() for mine in (plain, swapped)
        ]  # as the authors' kappa did
        kappa = agreement.cohen_kappa(*filled)
        assert kappa.estimate == pytest.approx(float(row["kappa_agreement"]), abs=1e-9)
        bias = judges.position_bias(_signs(plain), _signs(swapped))
        if (
            bias.n == 100
        ):  # 11 judges left out a verdict or more; the publication counts two blanks as agreement
            assert 100 * bias.consistent.estimate == pytest.approx(_percent(row["equal"]))


def _signs(verdicts: np.ndarray) -> list[float]:
    return [{"1": 1.0, "2": -1.0, "": np.nan}[verdict] for verdict in verdicts.tolist()]


def _percent(cell: str) -> float:
    """ "81 / 100 = 81.0%" -> 81.0"""
    return float(re.search(r"([\d.]+)%", cell)[1])


def test_length_bias_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(2)
    own, rival = rng.integers(50, 900, 400), rng.integers(50, 900, 400)
    ratio = np.log(own / rival)
    preference = (rng.random(400) < 1 / (1 + np.exp(-0.2 - 0.6 * ratio))).astype(float)
    preference[rng.random(400) < 0.1] = 0.5
    found = length_bias.length_bias(preference, own, rival)
    design = np.stack([np.ones(400), ratio / ratio.std()], axis=1)
    oracle = sm.GLM(preference, design, family=sm.families.Binomial()).fit(cov_type="HC0")
    assert found.slope.estimate == pytest.approx(oracle.params[1], abs=1e-7)
    assert found.slope.width / 2 / stats.norm.isf(0.025) == pytest.approx(oracle.bse[1], rel=1e-6)
    assert found.neutral.estimate == pytest.approx(1 / (1 + np.exp(-oracle.params[0])), abs=1e-7)
    assert 0.0 not in found.slope


def test_alpaca_eval_win_rates_and_standard_errors(shared_data: Path) -> None:
    folder = shared_data / "nc/judge/alpaca_eval"
    data = np.load(folder / "v1_gpt4_11models.npz", allow_pickle=False)
    with (folder / "REFERENCE_leaderboard_v1_subset.csv").open() as rows:
        published = {row[""]: row for row in csv.DictReader(rows)}
    assert set(published) == set(data["models"].tolist())
    slopes = {}
    for name, marks, length in zip(
        data["models"].tolist(), data["preference"], data["len_model"], strict=True
    ):
        kept = ~np.isnan(marks)
        won = np.where(marks == 0.0, 0.5, marks - 1.0)  # 2 = the model, 1 = the baseline, 0 = a draw
        found = intervals.mean_t(won[kept])
        assert 100 * found.estimate == pytest.approx(float(published[name]["win_rate"]), abs=1e-9)
        error = 100 * (found.high - found.estimate) / stats.t.isf(0.025, found.n - 1)
        assert error == pytest.approx(float(published[name]["standard_error"]), abs=1e-9)
        sound = kept & (length > 0) & (data["len_baseline"] > 0)
        bias = length_bias.length_bias(won[sound], length[sound], data["len_baseline"][sound])
        slopes[name] = bias.slope
    # GPT-4 pays minichat for length by far; of some models it prefers the shorter answers
    assert slopes["minichat-3b"].low > 0.4
    assert slopes["tulu-2-dpo-7b"].high < 0.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: judges.rogan_gladen(5, 10, (5, 10), (5, 10)), TooFewItems, "no better than chance"),
        (lambda: judges.rogan_gladen(11, 10, (9, 10), (9, 10)), BadArgument, "positives is 11 of 10"),
        (lambda: judges.position_bias([2], [1]), BadArgument, "verdicts must be"),
        (lambda: judges.ppi_mean([1.0], [1.0, 0.0], []), BadArgument, "1 and 2 entries"),
        (lambda: length_bias.length_bias([1, 0, 1], [5, 5, 5], [5, 5, 5]), TooFewItems, "show no slope"),
        (lambda: length_bias.length_bias([1, 0, 1], [0, 5, 5], [5, 5, 5]), BadArgument, "above 0"),
        (lambda: length_bias.length_bias([1, 1, 0, 0], [9, 8, 2, 1], [3, 3, 3, 3]), TooFewItems, "separates"),
    ],
)
def test_bad_arguments(call: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()  # type: ignore[operator]


def test_no_data_is_none() -> None:
    assert judges.rogan_gladen(0, 0, (9, 10), (9, 10)) is None
    assert length_bias.length_bias([np.nan], [1], [1]) is None
