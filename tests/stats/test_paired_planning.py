import numpy as np
import pytest

from evalhub.stats.arguments import BadArgument
from evalhub.stats.paired_planning import items_for_variance, smallest_for_variance, spread
from evalhub.stats.planning import items_needed


@pytest.mark.parametrize(("difference", "items"), [(0.01, 11766), (0.02, 2936), (0.03, 1301), (0.05, 464)])
def test_for_binary_scores_it_is_the_published_table(difference: float, items: int) -> None:
    """statistics.md: 80 % power at 15 % discordant items."""
    assert items_for_variance(difference, 0.15 - difference**2) == items


def test_it_agrees_with_the_formula_of_discordant_shares() -> None:
    gaps = np.array([1.0] * 12 + [-1.0] * 5 + [0.0] * 83)
    found = spread(gaps)
    assert found is not None
    assert found.effective_variance is not None
    assert items_for_variance(found.difference, found.effective_variance) == items_needed(0.07, 0.17)


def test_copies_of_an_item_count_once() -> None:
    """Each item twice in its own cluster: the design effect is 2 (up to C/(C-1) and n-1), the need doubles."""
    gaps = np.tile([1.0, 0.0, 0.0, -1.0, 0.0], 40)
    alone = spread(gaps)
    twice = spread(np.repeat(gaps, 2), [index // 2 for index in range(400)])
    assert alone is not None
    assert twice is not None
    assert alone.design_effect == 1.0
    assert twice.design_effect == pytest.approx(2.0, rel=0.01)


def test_one_cluster_tells_nothing_of_clusters() -> None:
    found = spread([1.0, 0.0, 0.0], ["a", "a", "a"])
    assert found is not None
    assert found.effective_variance is None


def test_what_is_not_shared_is_left_out() -> None:
    found = spread([np.nan, 1.0, 0.0], ["a", "b", "c"])
    assert found is not None
    assert found.n == 2
    assert spread([np.nan]) is None


def test_the_smallest_difference_inverts_the_number_of_items() -> None:
    smallest = smallest_for_variance(500, 0.2)
    assert items_for_variance(smallest, 0.2) == pytest.approx(500, abs=1)


@pytest.mark.parametrize("variance", [-0.1, float("nan"), float("inf")])
def test_an_impossible_variance_is_refused(variance: float) -> None:
    with pytest.raises(BadArgument, match="variance"):
        items_for_variance(0.1, variance)


def test_no_difference_needs_a_size() -> None:
    with pytest.raises(BadArgument, match="difference is 0"):
        items_for_variance(0.0, 0.1)
