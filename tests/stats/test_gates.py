"""Release gates: verdicts by hand, Holm, alpha spending, and the level held over a lineage that peeks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalhub.stats import gates, tango
from evalhub.stats.arguments import BadArgument
from evalhub.stats.gates import Capability, Verdict


def _capability(
    name: str, both: int, gained: int, lost: int, neither: int, margin: float = 0.05
) -> Capability:
    parent = [1.0] * both + [0.0] * gained + [1.0] * lost + [0.0] * neither
    child = [1.0] * both + [1.0] * gained + [0.0] * lost + [0.0] * neither
    return Capability(name, parent, child, margin)


def test_worked_example_three_verdicts() -> None:
    report = gates.non_inferiority(
        [
            _capability("maths", 700, 20, 20, 260),  # no change of 1000
            _capability("code", 500, 10, 150, 340),  # 14 points lost
            _capability("zh", 30, 3, 3, 14),  # 50 items cannot tell
        ]
    )
    verdicts = {found.name: found.verdict for found in report.capabilities}
    assert verdicts == {"maths": Verdict.PASS, "code": Verdict.FAIL, "zh": Verdict.INCONCLUSIVE}
    assert (report.verdict, report.alpha) == (Verdict.FAIL, 0.05)
    maths, code, _ = report.capabilities
    assert maths.p_pass == pytest.approx(min(1, 3 * tango.p_greater(20, 20, 1000, -0.05)))
    assert code.p_fail == pytest.approx(3 * tango.p_greater(150, 10, 1000, 0.05))
    assert len(code.flips.lost) == 150
    assert code.negative_flips.estimate == 0.15
    assert code.difference.diff == pytest.approx(-0.14)


def test_the_bound_agrees_with_a_single_test() -> None:
    report = gates.non_inferiority([_capability("maths", 700, 20, 30, 250)])
    found = report.capabilities[0]
    assert found.difference.interval.level == pytest.approx(
        0.90
    )  # two-sided 90 % holds the one-sided 95 % bound
    assert (found.difference.interval.low > -0.05) == (found.verdict is Verdict.PASS)


def test_no_shared_items_is_inconclusive_and_counts_in_holm() -> None:
    empty = Capability("new", [np.nan, 1.0], [1.0, np.nan], 0.05)
    report = gates.non_inferiority([empty, _capability("maths", 700, 20, 20, 260)])
    new, maths = report.capabilities
    assert (new.verdict, new.difference, new.p_pass, new.negative_flips) == (
        Verdict.INCONCLUSIVE,
        None,
        None,
        None,
    )
    assert maths.p_pass == pytest.approx(2 * tango.p_greater(20, 20, 1000, -0.05))
    assert report.verdict is Verdict.INCONCLUSIVE


def test_all_capabilities_must_pass() -> None:
    passing = [_capability(str(i), 700, 20, 20, 260) for i in range(4)]
    assert gates.non_inferiority(passing).verdict is Verdict.PASS
    assert gates.non_inferiority([*passing, _capability("zh", 30, 3, 3, 14)]).verdict is Verdict.INCONCLUSIVE


def test_clustered_items_weigh_less() -> None:
    scores = np.random.default_rng(0)
    parent = np.repeat((scores.random(30) < 0.7).astype(float), 20)
    child = np.repeat((scores.random(30) < 0.7).astype(float), 20)
    bare = gates.non_inferiority([Capability("a", parent, child, 0.1)]).capabilities[0]
    label = np.repeat(np.arange(30), 20).tolist()
    kept = gates.non_inferiority([Capability("a", parent, child, 0.1, label)]).capabilities[0]
    assert kept.difference.interval.width > 3 * bare.difference.interval.width


@given(st.integers(1, 40), st.sampled_from([0.01, 0.05, 0.1]), st.sampled_from(["even", "late"]))
def test_alpha_is_never_overspent(looks: int, alpha: float, spending: str) -> None:
    planned = [gates.spend(alpha, look, looks, spending) for look in range(1, looks + 1)]
    assert sum(planned) == pytest.approx(alpha, rel=1e-6)
    assert min(planned) >= 0.0
    assert sum(gates.spend(alpha, look) for look in range(1, 2000)) < alpha


def test_late_spending_keeps_alpha_for_the_release() -> None:
    parts = [gates.spend(0.05, look, 5, "late") for look in range(1, 6)]
    assert parts[-1] > 0.4 * 0.05
    assert parts == sorted(parts)


@pytest.mark.parametrize(("delta", "which"), [(-0.05, Verdict.PASS), (0.0, Verdict.FAIL)])
def test_wrong_verdicts_over_ten_checkpoints_stay_within_alpha(delta: float, which: Verdict) -> None:
    """Two capabilities, the worst still-wrong truth for each verdict: exactly at the margin, and no change at all."""
    rng, wrong, lineages, margin = np.random.default_rng(1), 0, 50, 0.05
    for _ in range(lineages):
        for look in range(1, 11):
            found = [
                _drawn(rng, name, delta if which is Verdict.PASS else 0.0, margin) for name in ("a", "b")
            ]
            report = gates.non_inferiority(found, look=look, looks=10)
            if report.verdict is which:
                wrong += 1
                break
    assert wrong / lineages <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / lineages)


def _drawn(rng: np.random.Generator, name: str, delta: float, margin: float) -> Capability:
    counts = rng.multinomial(300, [0.55, 0.10 + delta / 2, 0.10 - delta / 2, 0.25])
    return _capability(name, *(int(count) for count in counts), margin=margin)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gates.non_inferiority([]), "at least one"),
        (
            lambda: gates.non_inferiority([_capability("maths", 1, 1, 1, 1, margin=5)]),
            "margin of 'maths' is 5",
        ),
        (lambda: gates.spend(0.05, 3, 2), "look 3 of 2 planned"),
        (lambda: gates.spend(0.05, 0), "look is 0"),
        (lambda: gates.spend(0.05, 1, 2, "greedy"), "spending is 'greedy'"),
    ],
)
def test_bad_arguments(call: object, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        call()  # type: ignore[operator]
