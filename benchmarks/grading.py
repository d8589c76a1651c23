"""The offline ladder against human scores: `python -m benchmarks.grading DATA_FOLDER [OUT.md]` (DATA_FOLDER holds asag/).

Nothing here is tuned on these data: chrF is taken as published and its cut points are thirds.
"""

import csv
import gzip
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evalhub.stats.agreement import quadratic_kappa
from questions.practice.offline_grading import Row, grade_row

ANCHORS, SEED = 6, 7


@dataclass(frozen=True)
class Scored:
    """A row with the human score as a share; `step` is the data set's own scale."""

    source: str
    row: Row
    human: float
    step: float


def read(folder: Path) -> list[Scored]:
    return [*_ads(folder / "ads_zh_sample.csv.gz"), *_le(folder / "le_zh_sample.csv.gz"),
            *_semeval(folder / "semeval2013_3way_train_sample.csv.gz")]  # fmt: skip


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _ads(path: Path) -> Iterator[Scored]:
    for n, line in enumerate(_lines(path)):
        references = tuple(text for text in (line["reference1"], line["reference2"]) if text.strip())
        row = Row(f"ads-{n}", line["question"], references, line["answer"], "zh", 10.0)
        yield Scored("ads_zh", row, float(line["score"]) / 10, 0.1)


def _le(path: Path) -> Iterator[Scored]:
    for n, line in enumerate(_lines(path)):
        row = Row(f"le-{n}", line["question"], (line["reference"],), line["student_answer"], "zh", 1.0)
        yield Scored("le_zh", row, float(line["score"]), 0.1)


def _semeval(path: Path) -> Iterator[Scored]:
    for n, line in enumerate(_lines(path)):
        references = tuple(json.loads(line["reference_answers"]))
        row = Row(f"sem-{n}", line["question"], references, line["student_answer"], "en", 1.0)
        yield Scored(f"semeval_en ({line['corpus']})", row, float(line["label3"] == "correct"), 1.0)


def with_anchors(rows: list[Scored]) -> list[Scored]:
    """Six graded answers of each question become its anchors; only the others are graded."""
    by_question: dict[tuple[str, str], list[Scored]] = defaultdict(list)
    for entry in rows:
        by_question[entry.source, entry.row.question].append(entry)
    found = []
    for group in by_question.values():
        if len(group) < ANCHORS + 4:
            continue
        order = random.Random(SEED).sample(group, len(group))
        anchors = tuple((entry.row.answer, entry.human) for entry in order[:ANCHORS])
        found += [replace(entry, row=replace(entry.row, anchors=anchors)) for entry in order[ANCHORS:]]
    return found


def ladder(row: Row) -> float:
    return (grade_row(row).score or 0.0) / row.max_score


def anchor_mean(row: Row) -> float:
    """What any grader must beat: the mean of the question's anchors, whatever the answer says."""
    return float(np.mean([score for _, score in row.anchors]))


def table(rows: list[Scored], grader: Callable[[Row], float] = ladder) -> list[str]:
    by_name: dict[str, list[Scored]] = defaultdict(list)
    for entry in rows:
        by_name[entry.source].append(entry)
        by_name[f"**{'zh' if entry.row.language == 'zh' else 'en'}, all**"].append(entry)
    head = "| data | n | QWK (95 %) | r (95 %) | SMD | exact at low / middle / high third |"
    return [
        head,
        "|---|---|---|---|---|---|",
        *(_line(name, group, grader) for name, group in sorted(by_name.items())),
    ]


def _line(name: str, group: list[Scored], grader: Callable[[Row], float]) -> str:
    human = np.array([entry.human for entry in group])
    shares = np.array([grader(entry.row) for entry in group])
    steps = np.array([entry.step for entry in group])
    kappa = quadratic_kappa(np.round(np.round(shares / steps) * steps, 6), human)
    qwk = f"{kappa.estimate:.2f} ({kappa.low:.2f} to {kappa.high:.2f})" if kappa else "n/a"
    spread = human.std(ddof=1)
    smd = f"{(shares.mean() - human.mean()) / spread:+.2f}" if spread else "n/a"
    return (
        f"| {name} | {len(group)} | {qwk} | {_correlation(shares, human)} | {smd} | {_bands(shares, human)} |"
    )


def _correlation(shares: np.ndarray, human: np.ndarray) -> str:
    """Pearson's r with Fisher's interval."""
    if len(human) < 4 or not shares.std() or not human.std():
        return "n/a"
    r = float(np.corrcoef(shares, human)[0, 1])
    half = 1.96 / np.sqrt(len(human) - 3)
    low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
    return f"{r:.2f} ({low:.2f} to {high:.2f})"


def _bands(shares: np.ndarray, human: np.ndarray) -> str:
    """Of the answers people put in a third, the share we put in the same third."""
    mine, theirs = (np.digitize(values, [1 / 3, 2 / 3]) for values in (shares, human))
    found = []
    for band in range(3):
        inside = theirs == band
        found.append(f"{(mine[inside] == band).mean():.0%} of {inside.sum()}" if inside.any() else "none")
    return " / ".join(found)


def report(folder: Path) -> str:
    rows = read(folder)
    given = with_anchors(rows)
    plain, anchored, blind = table(rows), table(given), table(given, anchor_mean)
    return "\n".join(
        [
            *INTRODUCTION,
            "",
            "## Rung `similarity`: reference only",
            "",
            *plain,
            "",
            f"## Rung `anchored_similarity`: {ANCHORS} graded answers of each question as anchors",
            "",
            f"Questions with fewer than {ANCHORS + 4} answers are left out; anchors are drawn with seed {SEED} and not graded.",
            "",
            *anchored,
            "",
            "## The same answers by a blind grader: the mean of the question's anchors",
            "",
            *blind,
            "",
            *READING,
            "",
        ]  # fmt: skip
    )


INTRODUCTION = (
    "# The offline ladder against human scores",
    "",
    "Written by `python -m benchmarks.grading ../shared/data docs/measurements/grading.md`. Data: 318 + 114 Chinese answers",
    "(SAS-Datasets: ads, le) and 1278 English ones (SemEval-2013 task 7, training sample; its three labels are read as",
    "correct or not). None of them has a second rater, so no human-human figure stands beside ours; on one classic set two",
    "people agree with QWK 0.49. The gate a judge must pass is QWK and r of 0.7 and abs(SMD) of 0.15.",
    "QWK is on the data set's own scale (tenths; for SemEval right or wrong, cut at 0.5); r is on the raw share.",
    "The top rung, `key_points`, cannot be measured here: none of these sets has rubrics.",
)
READING = (
    "## What follows",
    "",
    "- Likeness to a reference alone passes no gate, in either language. Long references that say more than the question asks",
    "  (ads) make every good answer look poor: the rank is worth something, the level nothing. Hence: always provisional.",
    "- Six graded answers a question repair the level (SMD near 0) and part of the agreement; still under the gate of 0.7.",
    "  Where questions differ in how well they were answered, part of that is had by a blind grader too (last table); only",
    "  what lies above it comes from reading the answers.",
    "- Grades of these two rungs leave `grade_file` and go nowhere else: no statistic of an item rests on them.",
)

if __name__ == "__main__":
    text = report(Path(sys.argv[1]) / "asag")
    if len(sys.argv) > 2:
        target = Path(sys.argv[2])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    print(text)
