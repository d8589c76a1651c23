"""Collapse sentinels: alert and abort while a run is going, and seldom in vain."""

import numpy as np
import pytest

from evalhub.metrics import sentinel
from evalhub.registry import UnknownEntry
from evalhub.stats.arguments import BadArgument
from evalhub.stats.intervals import wilson
from evalhub.stats.sequential import rate_eprocess

RULE = sentinel.Rule("repeater", alert=0.05, abort=0.3)


def test_alert_then_abort() -> None:
    assert sentinel.read(RULE, 0, 0) == sentinel.Reading("repeater", "none", None, pytest.approx(1.0))
    assert sentinel.read(RULE, 2, 40).action == "none"
    alert = sentinel.read(RULE, 15, 60)
    assert alert == sentinel.Reading("repeater", "alert", wilson(15, 60), rate_eprocess(15, 60, 0.05))
    assert sentinel.read(RULE, 40, 60).action == "abort"


def test_a_collapsed_run_is_stopped_soon_and_a_sound_one_seldom() -> None:
    rng = np.random.default_rng(0)
    stopped = [_first_alert(rng.random(300) < 0.5) for _ in range(40)]
    assert max(stopped) < 60
    false_alarms = [_first_alert(rng.random(300) < 0.05) < 300 for _ in range(100)]
    assert np.mean(false_alarms) <= 0.03


def _first_alert(hits: np.ndarray) -> int:
    counts = np.cumsum(hits)
    return next(
        (t for t in range(10, len(hits), 5) if sentinel.read(RULE, int(counts[t - 1]), t).action != "none"),
        len(hits),
    )


def test_ceiling_comes_from_the_parent() -> None:
    assert sentinel.ceiling(2, 1000) == pytest.approx(wilson(2, 1000).high + 0.01)
    assert sentinel.ceiling(0, 0) == pytest.approx(0.06)


def test_rules_are_checked() -> None:
    with pytest.raises(UnknownEntry, match="Did you mean 'repeater'?"):
        sentinel.Rule("repeaters", alert=0.1)
    with pytest.raises(BadArgument, match="abort no lower than alert"):
        sentinel.Rule("mute", alert=0.3, abort=0.1)
