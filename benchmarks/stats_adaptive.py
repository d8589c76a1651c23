"""How far a score from k items lies from the full score: python -m benchmarks.stats_adaptive [--endpoints 150].

metabench's GSM8K (237 items, 5041 endpoints, its published 2PL) from EVALHUB_SHARED: random subsets, p-IRT on the same random
subsets, and items picked by Fisher information. Errors in points; coverage of 95 % intervals, bare and widened by misfit.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
from pathlib import Path

import numpy as np

from evalhub.stats import adaptive

SHARED = Path(os.environ.get("EVALHUB_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"
FOLDER = SHARED / "nc/matrix/metabench"
SEED = 301
OTHERS = 30
AUDIT = 20


def load() -> tuple[np.ndarray, np.ndarray]:
    """Answers, shape (endpoints, items), and parameters a, b, shape (items, 2)."""
    answers = np.load(FOLDER / "gsm8k_v2_responses.npz", allow_pickle=False)["X"].astype(float)
    with gzip.open(FOLDER / "gsm8k_v2_items_mirt_params.csv.gz", "rt") as rows:
        pairs = [(float(row["a"]), -float(row["d"]) / float(row["a"])) for row in csv.DictReader(rows)]
    return answers, np.array(pairs)


def most_informative(row: np.ndarray, items: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Three items at random, then always the most informative at the ability so far."""
    asked = rng.choice(len(items), 3, replace=False).tolist()
    while len(asked) < count:
        gain = adaptive.information(adaptive.ability(row[asked], items, asked).mean, items)
        gain[asked] = -1.0
        asked += np.argsort(gain)[-(2 if len(asked) > 15 else 1) :].tolist()
    return np.array(asked[:count])


def measure(
    answers: np.ndarray, items: np.ndarray, count: int, endpoints: int, rng: np.random.Generator
) -> str:
    errors: dict[str, list[float]] = {"random": [], "p-IRT": [], "adaptive": []}
    held: dict[str, list[bool]] = {"bare": [], "widened": [], "refuted": [], "corrected": []}
    for endpoint in rng.choice(len(answers), endpoints, replace=False):
        row, truth = answers[endpoint], answers[endpoint].mean()
        some = rng.choice(row.size, count, replace=False)
        errors["random"].append(abs(row[some].mean() - truth))
        errors["p-IRT"].append(abs(adaptive.estimate(row[some], items, some).score.estimate - truth))
        asked = most_informative(row, items, count, rng)
        others = answers[rng.choice(len(answers), OTHERS, replace=False)]
        bare = adaptive.estimate(row[asked], items, asked).score
        widened = adaptive.estimate(
            row[asked], items, asked, widen=adaptive.misfit(others, items, asked)
        ).score
        errors["adaptive"].append(abs(bare.estimate - truth))
        slice_ = rng.choice(np.setdiff1d(np.arange(row.size), asked), AUDIT, replace=False)
        audit = adaptive.audit(row[asked], items, asked, row[slice_], slice_)
        held["bare"].append(truth in bare)
        held["widened"].append(truth in widened)
        held["refuted"].append(audit.refuted)
        held["corrected"].append(truth in audit.corrected)
    found = [f"{100 * np.mean(values):.2f}" for values in errors.values()]
    found += [f"{100 * np.mean(values):.0f} %" for values in held.values()]
    return f"| {count} | " + " | ".join(found) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoints", type=int, default=150)
    options = parser.parse_args()
    answers, items = load()
    print(
        "| items asked of 237 | random subset | p-IRT on it | adaptive | bare interval holds | widened holds ",
        end="",
    )
    print(f"| audit of {AUDIT} refutes | corrected holds |\n|---|---|---|---|---|---|---|---|")
    for count in (20, 50, 100):
        print(
            measure(answers, items, count, options.endpoints, np.random.default_rng(SEED + count)), flush=True
        )
    print(f"\nMean absolute errors in points over {options.endpoints} endpoints, seed {SEED} + items asked.")


if __name__ == "__main__":
    main()
