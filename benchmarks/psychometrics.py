"""Calibration, adaptive testing and duplicate search, measured: `python -m benchmarks.psychometrics [adaptive|speed|duplicates]`.

Prints the tables of docs/measurements/psychometrics.md. Times are wall clock and processor seconds of this machine.
"""

import argparse
import csv
import dataclasses
import gzip
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from questions.bank.duplicates import THRESHOLD
from questions.content_rules.duplicates import near_duplicates, similarity
from questions.psychometrics import irt
from questions.psychometrics.adaptive import Bank, Rules
from questions.psychometrics.simulation import (
    adaptive_tests,
    best_form,
    exposure_parameters,
    fixed_order_tests,
)

SHARED = Path(os.environ.get("EVALHUB_SHARED") or Path(__file__).resolve().parents[2] / "shared") / "data"


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Run once, print wall clock and processor time, hand the result back."""
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    print(
        f"{what}: {time.perf_counter() - wall:.2f} s ({time.process_time() - processor:.2f} s of processor)"
    )
    return found


def adaptive(persons: int = 1000) -> None:
    """The table of design/questions.md: items needed until SE 0.32 on a bank of 300."""
    rng = np.random.default_rng(7)
    bank = Bank.of(np.exp(rng.normal(0.08, 0.34, 300)), rng.normal(0.0, 1.0, 300))
    people, greedy = rng.standard_normal(persons), Rules(randomesque=1, most=300)
    five = dataclasses.replace(greedy, randomesque=5)
    keep = exposure_parameters(bank, greedy, rng, target=0.25, persons=persons, rounds=15)
    held = dataclasses.replace(bank, exposure=keep)
    for name, found in (
        ("random order", fixed_order_tests(bank, people, greedy, rng)),
        ("best fixed form", fixed_order_tests(bank, people, greedy, rng, best_form(bank))),
        ("maximum information", adaptive_tests(bank, people, greedy, rng)),
        ("randomesque-5", adaptive_tests(bank, people, five, rng)),
        ("Sympson-Hetter 0.25", adaptive_tests(held, people, greedy, rng)),
    ):
        median, most = np.median(found.asked), found.exposure.max()
        print(
            f"{name}: mean {found.mean_asked:.1f}, median {median:.0f}, RMSE {found.rmse:.3f}, exposure {most:.2f}"
        )


def speed() -> None:
    """2PL calibrations of several sizes, with standard errors."""
    for persons, items in ((200, 50), (1000, 100), (2000, 500), (5000, 500)):
        rng = np.random.default_rng(1)
        a, b = np.exp(rng.normal(0.0, 0.4, items)), rng.normal(0.0, 1.0, items)
        p = 1.0 / (1.0 + np.exp(-a * (rng.standard_normal(persons)[:, None] - b)))
        answers = (rng.random(p.shape) < p).astype(float)
        for prior in (None, irt.PRODUCT_PRIOR):
            name = f"2PL {persons} x {items}, {'prior' if prior else 'no prior'}"
            timed(f"{name}, parameters", lambda x=answers, p=prior: irt.fit_2pl(x, p, with_errors=False))
            timed(f"{name}, with standard errors", lambda x=answers, p=prior: irt.fit_2pl(x, p))


def duplicates() -> None:
    """Precision and recall on labelled pairs, and the time of 100,000 questions."""
    for name in ("pairs/pawsx_zh_sample", "nc/pairs/lcqmc_zh_sample"):
        with gzip.open(SHARED / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
            rows = [(similarity(row["q1"], row["q2"]), row["label"] == "1") for row in csv.DictReader(file)]
        positive = sum(label for _, label in rows)
        for threshold in (0.3, 0.4, 0.5, THRESHOLD, 0.7, 0.8, 0.9):
            called = [label for score, label in rows if score >= threshold]
            print(f"{name} at {threshold}: {len(called)} called, precision {sum(called) / max(len(called), 1):.2f}, "
                  f"recall {sum(called) / positive:.2f}")  # fmt: skip
    rng = random.Random(5)
    words = ["".join(chr(0x4E00 + rng.randrange(3000)) for _ in range(2)) for _ in range(3000)]
    texts = ["，".join("".join(rng.choices(words, k=6)) for _ in range(3)) for _ in range(90_000)]
    for text in texts[:10_000]:
        signs = list(text)
        signs[rng.randrange(len(signs))] = "改"
        texts.append("".join(signs))
    found = timed("near-duplicates among 100,000 texts", lambda: near_duplicates(texts))
    print(f"found {len(found)} of 10,000 planted")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", choices=["adaptive", "speed", "duplicates"])
    chosen = parser.parse_args().part
    for part in (adaptive, speed, duplicates):
        if chosen in (None, part.__name__):
            part()
