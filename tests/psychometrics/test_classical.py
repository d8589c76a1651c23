"""Classical statistics against LSAT6's published ones, options and flags against small tables worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from questions.psychometrics.classical import (
    ItemStatistics,
    OptionCount,
    alpha,
    flags,
    item_statistics,
    option_counts,
)
from questions.psychometrics.responses import PsychometricsError
from tests.psychometrics.published import LSAT6, answers


def test_lsat6_gives_the_published_facility_rest_correlation_and_alpha():
    found = item_statistics(answers(LSAT6))
    assert [round(item.facility, 3) for item in found] == [0.924, 0.709, 0.553, 0.763, 0.870]
    assert [round(item.rest_correlation, 3) for item in found] == [0.113, 0.153, 0.173, 0.144, 0.122]
    assert alpha(answers(LSAT6)) == pytest.approx(0.295, abs=5e-4)


def test_no_data_and_no_variance_are_none():
    found = item_statistics([[1, np.nan, 1], [1, np.nan, 0], [1, np.nan, 1]])
    assert found[1] == ItemStatistics(0, None, None)
    assert found[0].facility == 1.0
    assert found[0].rest_correlation is None
    assert alpha([[1, 0]]) is None
    assert alpha([[1], [0]]) is None


def test_points_become_shares_of_the_maximum():
    found = item_statistics([[2, 1], [0, 0], [4, 1]], [4, 1])
    assert found[0].facility == 0.5
    with pytest.raises(PsychometricsError, match="give 2 numbers above 0"):
        item_statistics([[1, 1]], [1, 0])


def test_options_are_counted_with_the_ability_of_their_takers():
    chosen = ["a", "a", "b", None, "c"]
    found = option_counts(chosen, [1.0, 0.5, 0.25, 0.9, np.nan], ["a", "b", "c", "d"], ["a"])
    assert [option.count for option in found] == [2, 1, 1, 0]
    assert found[0] == OptionCount("a", 2, 0.5, 0.75, True)
    assert found[2].mean_rest is None
    with pytest.raises(PsychometricsError, match="'x'"):
        option_counts(["x"], [1.0], ["a"], ["a"])


def option(name: str, count: int, rest: float, *, is_key: bool = False, of: int = 200) -> OptionCount:
    return OptionCount(name, count, count / of, rest, is_key)


def test_a_key_that_the_able_do_not_choose_is_suspect():
    options = [option("a", 40, 0.3, is_key=True), option("b", 150, 0.7), option("c", 10, 0.4)]
    assert flags(ItemStatistics(200, 0.2, -0.4), options) == ("negative_discrimination", "key_suspect")


def test_a_distractor_nobody_takes_is_dead_once_enough_have_answered():
    options = [option("a", 150, 0.7, is_key=True), option("b", 49, 0.4), option("c", 1, 0.4)]
    assert flags(ItemStatistics(200, 0.75, 0.4), options) == ("dead_distractor",)
    assert flags(ItemStatistics(100, 0.75, 0.4), options) == ()


def test_few_answers_raise_no_flag_and_a_sound_item_none():
    assert flags(ItemStatistics(19, 0.0, -0.9)) == ()
    assert flags(ItemStatistics(500, 0.6, 0.4)) == ()
    assert flags(ItemStatistics(500, 0.6, -0.05)) == ()
    assert flags(ItemStatistics(500, 0.97, 0.2)) == ("too_easy",)
    assert flags(ItemStatistics(500, 0.02, 0.2)) == ("too_hard",)
