"""Scores from a subset: by hand, at its edges, and on metabench's published calibration of GSM8K."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from evalhub.stats import adaptive
from evalhub.stats.arguments import BadArgument

ITEMS = np.array([[1.0, 0.0], [1.5, -1.0], [0.8, 1.0], [2.0, 0.5]])


def test_information_by_hand() -> None:
    # a^2 P (1 - P); at ability b it is a^2 / 4
    assert adaptive.information(0.0, ITEMS)[0] == pytest.approx(0.25)
    assert adaptive.information(0.5, ITEMS)[3] == pytest.approx(1.0)


def test_ability_of_the_published_lsat6_patterns() -> None:
    # questions.md: LSAT6 2PL, EAP all wrong -1.897 (SD .801), all right .646 (.859)
    a = np.array([0.8254, 0.7229, 0.8905, 0.6886, 0.6575])
    b = np.array([-3.3597, -1.3696, -0.2799, -1.8659, -3.1236])
    values = np.stack([a, b], axis=1)
    for answers, mean, sd in (([0] * 5, -1.897, 0.801), ([1] * 5, 0.646, 0.859)):
        found = adaptive.ability(answers, values, range(5))
        assert (found.mean, found.sd) == (pytest.approx(mean, abs=2e-3), pytest.approx(sd, abs=2e-3))


def test_estimate_mixes_seen_and_predicted() -> None:
    found = adaptive.estimate([1.0, 1.0], ITEMS, [0, 1])
    theta = np.linspace(-8, 8, 4001)  # the same posterior by a finer sum
    chance = 1 / (1 + np.exp(-ITEMS[:, 0] * (theta[:, None] - ITEMS[:, 1])))
    weight = np.exp(-(theta**2) / 2) * chance[:, 0] * chance[:, 1]
    predicted = (weight[:, None] * chance[:, 2:]).sum(axis=0) / weight.sum()
    assert found.score.estimate == pytest.approx((2 + predicted.sum()) / 4, abs=1e-3)
    assert (found.asked, found.items) == (2, 4)
    assert 0.5 <= found.score.low < found.score.estimate < found.score.high <= 1.0


def test_all_asked_is_the_mean_and_none_asked_is_wide() -> None:
    whole = adaptive.estimate([1, 0, 1, 1], ITEMS, [0, 1, 2, 3]).score
    assert (whole.low, whole.estimate, whole.high) == (0.75, 0.75, 0.75)
    nothing = adaptive.estimate([], ITEMS, []).score
    assert nothing.n == 0
    assert nothing.width > 0.8


def test_disagreeing_calibrations_widen() -> None:
    items = np.stack([np.ones(100), np.linspace(-2, 2, 100)], axis=1)
    shifted = np.stack([items, items + [0.0, 0.8], items - [0.0, 0.8]])
    answers, asked = np.tile([1.0, 0.0], 10), np.arange(20)
    one, several = (
        adaptive.estimate(answers, items, asked).score,
        adaptive.estimate(answers, shifted, asked).score,
    )
    assert several.width > one.width


def test_audit_accepts_the_model_and_refutes_a_wrong_one() -> None:
    rng = np.random.default_rng(0)
    items = np.stack([rng.uniform(0.8, 2, 400), rng.normal(0, 1, 400)], axis=1)
    chance = 1 / (1 + np.exp(-items[:, 0] * (0.5 - items[:, 1])))
    refuted = {"model": 0, "broken": 0}
    for _ in range(60):
        truth = (rng.random(400) < chance).astype(float)
        broken = truth.copy()
        broken[100:] = rng.random(300) < 0.25  # the endpoint knows the first 100 items only
        for name, answers in (("model", truth), ("broken", broken)):
            asked, slice_ = np.arange(60), 100 + rng.choice(300, 40, replace=False)
            found = adaptive.audit(answers[asked], items, asked, answers[slice_], slice_)
            refuted[name] += found.refuted
    assert refuted["model"] <= 6
    assert refuted["broken"] >= 57
    assert found.observed == pytest.approx(broken[slice_].mean())
    assert broken[60:].mean() * 340 / 400 + broken[:60].mean() * 60 / 400 in found.corrected
    assert adaptive.audit([1.0], ITEMS, [0], [], []) is None


def test_metabench_gsm8k_beats_random_subsets(shared_data: Path) -> None:
    answers, items = _metabench(shared_data)
    rng = np.random.default_rng(1)
    errors: dict[str, list[float]] = {"random": [], "adaptive": []}
    held = []
    for endpoint in rng.choice(len(answers), 60, replace=False):
        row = answers[endpoint]
        asked = _most_informative(row, items, 50, rng)
        others = answers[rng.choice(len(answers), 20, replace=False)]
        found = adaptive.estimate(row[asked], items, asked, widen=adaptive.misfit(others, items, asked)).score
        errors["adaptive"].append(abs(found.estimate - row.mean()))
        errors["random"].append(abs(row[rng.choice(row.size, 50, replace=False)].mean() - row.mean()))
        held.append(row.mean() in found)
    assert np.mean(errors["adaptive"]) < 0.8 * np.mean(errors["random"])
    assert np.mean(held) >= 0.85


def _metabench(shared: Path) -> tuple[np.ndarray, np.ndarray]:
    folder = shared / "nc/matrix/metabench"
    answers = np.load(folder / "gsm8k_v2_responses.npz", allow_pickle=False)["X"].astype(float)
    with gzip.open(folder / "gsm8k_v2_items_mirt_params.csv.gz", "rt") as rows:
        pairs = [(float(row["a"]), -float(row["d"]) / float(row["a"])) for row in csv.DictReader(rows)]
    return answers, np.array(pairs)


def _most_informative(row: np.ndarray, items: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    asked = rng.choice(len(items), 5, replace=False).tolist()
    while len(asked) < count:
        gain = adaptive.information(adaptive.ability(row[asked], items, asked).mean, items)
        gain[asked] = -1.0
        asked += np.argsort(gain)[-5:].tolist()
    return np.array(asked[:count])


def test_without_others_nothing_is_known_against_the_model() -> None:
    assert adaptive.misfit(np.empty((0, 4)), ITEMS, [0]) == 1.0
    assert adaptive.misfit([[0.0, 0.0, 1.0, 1.0]] * 3, ITEMS, [0, 1]) > 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: adaptive.estimate([1.0], ITEMS, [0, 1]), "1 responses for 2 asked"),
        (lambda: adaptive.estimate([1.0, 1.0], ITEMS, [0, 0]), "each once"),
        (lambda: adaptive.estimate([np.nan], ITEMS, [0]), "hold NaN"),
        (lambda: adaptive.estimate([1.0], ITEMS * [-1, 1], [0]), "columns a > 0"),
        (lambda: adaptive.estimate([1.0], ITEMS, [0], widen=0.5), "widen is 0.5"),
        (lambda: adaptive.audit([1.0], ITEMS, [0], [1.0], [0]), "items that were asked"),
    ],
)
def test_bad_arguments(call: object, message: str) -> None:
    with pytest.raises(BadArgument, match=message):
        call()  # type: ignore[operator]
