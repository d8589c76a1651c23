"""pass@k and pass^k against enumeration of every subset."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalhub.stats import pass_at_k
from evalhub.stats.arguments import BadArgument, TooFewItems


def test_worked_examples() -> None:
    assert pass_at_k.pass_at_k(10, 3, 1) == pytest.approx(0.3)
    assert pass_at_k.pass_at_k(5, 2, 2) == pytest.approx(0.7)  # 1 - C(3,2)/C(5,2)
    assert pass_at_k.pass_hat_k(5, 2, 2) == pytest.approx(0.1)  # C(2,2)/C(5,2)
    assert pass_at_k.pass_at_k(200, 1, 100) == pytest.approx(0.5)


@given(st.integers(1, 8), st.integers(0, 8), st.integers(1, 8))
def test_equal_the_average_over_all_subsets(n: int, correct: int, k: int) -> None:
    correct, k = min(correct, n), min(k, n)
    subsets = list(combinations([True] * correct + [False] * (n - correct), k))
    assert pass_at_k.pass_at_k(n, correct, k) == pytest.approx(np.mean([any(s) for s in subsets]))
    assert pass_at_k.pass_hat_k(n, correct, k) == pytest.approx(np.mean([all(s) for s in subsets]))


def test_means_over_items_carry_an_interval() -> None:
    found = pass_at_k.mean_pass_at_k([5, 5, 5], [0, 2, 5], 2)
    assert (found.estimate, found.n) == (pytest.approx((0 + 0.7 + 1) / 3), 3)
    assert pass_at_k.mean_pass_hat_k([], [], 2) is None


def test_bad_arguments() -> None:
    with pytest.raises(TooFewItems, match="k is 3 but an item has 2"):
        pass_at_k.pass_at_k(2, 1, 3)
    with pytest.raises(BadArgument, match="3 right of 2"):
        pass_at_k.pass_at_k(2, 3, 1)
    with pytest.raises(BadArgument, match="one number of each an item"):
        pass_at_k.mean_pass_at_k([2, 2], [1], 1)
