"""Mantel-Haenszel and logistic DIF: against statsmodels, and against items made unfair on purpose."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from questions.psychometrics.dif import logistic, mantel_haenszel
from questions.psychometrics.responses import PsychometricsError


def people_and_models(unfair_by: float, *, slope: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """2000 persons x 10 items; item 4 is harder for group 1 by `unfair_by` logits, its slope lower by `slope`."""
    rng = np.random.default_rng(0)
    group = (np.arange(2000) % 2).astype(float)
    distance = rng.standard_normal(2000)[:, None] + 0.3 * group[:, None] - np.linspace(-1, 1, 10)
    a = np.full(distance.shape, 1.2)
    a[:, 4] -= slope * group
    logits = a * distance
    logits[:, 4] -= unfair_by * group
    return (rng.random(logits.shape) < 1 / (1 + np.exp(-logits))).astype(float), group


def test_the_odds_ratio_and_p_are_those_of_statsmodels():
    answers, group = people_and_models(0.5)
    total = answers.sum(axis=1)
    tables = []
    for score in np.unique(total):
        at = total == score
        cells = [[(at & (group == g) & (answers[:, 4] == x)).sum() for x in (1, 0)] for g in (0, 1)]
        tables.append(np.array(cells, dtype=float))
    kept = [table for table in tables if table.sum() > 1]
    oracle = StratifiedTable(kept)
    found = mantel_haenszel(answers, group)[4]
    assert found.odds_ratio == pytest.approx(oracle.oddsratio_pooled)
    assert found.p == pytest.approx(oracle.test_null_odds(correction=True).pvalue)
    assert (found.n_reference, found.n_focal) == (1000, 1000)


def test_an_unfair_item_is_large_and_the_fair_ones_negligible():
    answers, group = people_and_models(1.2)
    found = mantel_haenszel(answers, group)
    assert found[4].size == "C"
    assert found[4].delta < -1.5
    assert [item.size for at, item in enumerate(found) if at != 4] == ["A"] * 9
    by_regression = logistic(answers, group)
    assert by_regression[4].p_uniform < 1e-10
    assert by_regression[4].gain > max(item.gain for at, item in enumerate(by_regression) if at != 4)


def test_logistic_regression_agrees_with_statsmodels_and_sees_a_difference_in_slope():
    answers, group = people_and_models(0.0, slope=0.9)
    rest = (answers.sum(axis=1) - answers[:, 4]) / 9
    design = np.column_stack([np.ones(2000), rest, group, rest * group])
    full = sm.Logit(answers[:, 4], design).fit(disp=0).llf
    plain = sm.Logit(answers[:, 4], design[:, :2]).fit(disp=0).llf
    found = logistic(answers, group)[4]
    assert found.p_any == pytest.approx(float(stats.chi2.sf(2 * (full - plain), 2)))
    assert found.p_any < 0.001


def test_groups_that_never_meet_give_none():
    found = mantel_haenszel([[1, 1], [0, 0]], [0, 1])[0]
    assert found.odds_ratio is None
    assert found.size is None
    assert logistic([[1, 1], [0, 0]], [0, 1])[0].p_any is None


def test_a_group_is_0_or_1():
    with pytest.raises(PsychometricsError, match="give 0"):
        mantel_haenszel([[1, 1], [0, 0]], [1, 2])
