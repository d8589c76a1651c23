"""Adjusted p-values by hand and against statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from evalhub.stats.arguments import BadArgument
from evalhub.stats.multiple import benjamini_hochberg, holm


def test_worked_example() -> None:
    # by hand: 4 * .01, then 3 * .013 lifted to .04, 2 * .014 lifted to .04, .19
    assert holm([0.01, 0.013, 0.014, 0.19]) == pytest.approx([0.04, 0.04, 0.04, 0.19])
    assert benjamini_hochberg([0.01, 0.013, 0.014, 0.19]) == pytest.approx([0.014 * 4 / 3] * 3 + [0.19])


@pytest.mark.parametrize("seed", range(4))
def test_agree_with_statsmodels(seed: int) -> None:
    p = np.random.default_rng(seed).beta(0.5, 2, 9)
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusting_never_lowers_and_keeps_the_order(p: list[float]) -> None:
    for adjust in (holm, benjamini_hochberg):
        found = adjust(p)
        assert (found >= np.array(p) - 1e-12).all()
        assert (np.diff(found[np.argsort(p)]) >= -1e-12).all()


def test_nothing_tested_and_nonsense() -> None:
    assert holm([]).size == 0
    with pytest.raises(BadArgument, match="between 0 and 1"):
        holm([0.5, np.nan])
