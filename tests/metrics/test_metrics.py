"""Metrics on a sheet worked out by hand, and on their edges."""

import numpy as np
import pytest

from evalhub.metrics import METRICS
from evalhub.metrics.exact_match import normal
from evalhub.metrics.outcomes import Outcome
from evalhub.metrics.sheet import Sheet
from evalhub.registry import UnknownEntry
from evalhub.stats.arguments import BadArgument
from evalhub.stats.intervals import for_scores, wilson

OUTCOMES = [
    "correct",
    "correct",
    "partly",
    "wrong",
    "truncated",
    "empty",
    "refused",
    "invalid",
    "failed",
    "correct",
]
SCORES = np.array([1.0, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, np.nan, 1.0])
SHEET = Sheet(
    OUTCOMES,
    SCORES,
    groups=["zh"] * 5 + ["en"] * 5,
    chance=np.full(10, 0.25),
    texts=["B", " b. ", "a", "", "x", "", "", "?", "", "B"],
    keys=["B"] * 10,
    flags=[
        frozenset({"repeater"}),
        *[frozenset()] * 3,
        frozenset({"never_stops", "repeater"}),
        *[frozenset()] * 5,
    ],
)


def test_every_outcome_stays_distinct() -> None:
    expected = {
        "correct": 3,
        "partly": 1,
        "wrong": 1,
        "truncated": 1,
        "empty": 1,
        "refused": 1,
        "invalid": 1,
        "failed": 1,
    }
    for name, count in expected.items():
        assert METRICS.get(name)(SHEET) == wilson(count, 10), name


def test_accuracy_counts_what_was_not_an_answer_as_0_and_failures_not_at_all() -> None:
    found = METRICS.get("accuracy")(SHEET)
    assert (found.estimate, found.n) == (pytest.approx(3.5 / 9), 9)
    answered = METRICS.get("answered_accuracy")(SHEET)
    assert (answered.estimate, answered.n) == (pytest.approx(3.5 / 5), 5)


def test_macro_accuracy_weighs_groups_not_items() -> None:
    found = METRICS.get("macro_accuracy")(SHEET)
    assert found.estimate == pytest.approx((2.5 / 5 + 1 / 4) / 2)
    assert (found.n, found.method) == (9, "mover")


def test_above_chance_is_0_for_guessing_and_1_for_all_right() -> None:
    found = METRICS.get("above_chance")(SHEET)
    assert found.estimate == pytest.approx((3.5 / 9 - 0.25) / 0.75)
    guess = Sheet(["correct"] + ["wrong"] * 3, np.array([1.0, 0, 0, 0]), chance=np.full(4, 0.25))
    assert METRICS.get("above_chance")(guess).estimate == pytest.approx(0.0)


def test_exact_match_forgives_case_space_width_and_end_punctuation() -> None:
    found = METRICS.get("exact_match")(SHEET)
    assert (found.estimate, found.n) == (pytest.approx(3 / 9), 9)  # the failed one does not count
    assert normal(" (Ｂ)。\n") == "b"
    assert normal("3.14") == "3.14"
    assert normal("New\n York") == "new york"


def test_flag_rates_are_of_what_came_back() -> None:
    assert METRICS.get("repeater")(SHEET) == wilson(2, 9)
    assert METRICS.get("never_stops")(SHEET) == wilson(1, 9)
    assert METRICS.get("mute")(SHEET) == wilson(0, 9)


def test_repeats_are_averaged_within_items() -> None:
    sheet = Sheet(
        ["correct", "wrong", "correct", "correct", "wrong", "failed"],
        np.array([1.0, 0.0, 1.0, 1.0, 0.0, np.nan]),
        items=["q1", "q1", "q2", "q2", "q3", "q3"],
    )
    assert METRICS.get("accuracy")(sheet) == for_scores([0.5, 1.0, 0.0])
    assert METRICS.get("consistency")(sheet) == wilson(1, 2)  # q3 has one answer only
    assert METRICS.get("always_correct")(sheet) == wilson(1, 3)
    assert METRICS.get("failed")(sheet) == for_scores([0.0, 0.0, 0.5])


def test_clusters_of_items_are_heeded() -> None:
    scores = np.tile([1.0, 0.0], 20)
    sheet = Sheet(["correct", "wrong"] * 20, scores, clusters=np.arange(40) // 4)
    assert METRICS.get("accuracy")(sheet) == for_scores(scores, np.arange(40) // 4)
    assert METRICS.get("accuracy")(sheet).method == "clustered_wilson"


@pytest.mark.parametrize("name", list(METRICS))
def test_no_data_is_none(name: str) -> None:
    empty = Sheet([], np.array([]), groups=[], chance=np.array([]), texts=[], keys=[], flags=[])
    assert METRICS.get(name)(empty) is None


def test_nothing_but_failures_has_no_accuracy_yet_has_a_failure_rate() -> None:
    sheet = Sheet(["failed"] * 3, np.full(3, np.nan))
    assert METRICS.get("accuracy")(sheet) is None
    assert METRICS.get("always_correct")(sheet) is None
    assert METRICS.get("failed")(sheet).estimate == 1.0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("macro_accuracy", "no groups"),
        ("above_chance", "no chance"),
        ("exact_match", "no texts"),
        ("mute", "no flags"),
    ],
)
def test_a_column_that_is_missing_is_named(name: str, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        METRICS.get(name)(Sheet(["correct"], np.array([1.0])))


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(BadArgument, match="clusters has 1 entries for 2 answers"):
        Sheet(["correct", "wrong"], np.array([1.0, 0.0]), clusters=["a"])


def test_an_unknown_metric_is_met_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry, match="Unknown metric 'acuracy'. Did you mean 'accuracy'?"):
        METRICS.get("acuracy")


def test_outcomes_are_those_of_the_rows() -> None:
    from evalhub.runs.models.answer import Outcome as Rows

    assert {outcome.value for outcome in Outcome} == set(Rows.values)
