"""Real boards: MMLU-Pro accuracies, MT-bench judges and votes."""

import csv
from pathlib import Path

import numpy as np
import pytest

from evalhub.stats import agreement, bradley_terry, intervals, ranks
from evalhub.stats.bradley_terry import Vote

NOT_RUN = 254  # the authors leave these 8 items of one model out of its mean; 255, no answer found, is wrong


def test_mmlu_pro_accuracies_and_a_board_in_order(shared_data: Path) -> None:
    folder = shared_data / "matrix/mmlu_pro"
    data = np.load(folder / "mmlu_pro_predictions.npz", allow_pickle=False)
    right = np.where(data["pred"] == NOT_RUN, np.nan, data["pred"] == data["answer"])
    with (folder / "REFERENCE_accuracy.csv").open() as rows:
        published = {row["model"]: row for row in csv.DictReader(rows)}
    for name, scores in zip(data["models"].tolist(), right, strict=True):
        for category in ("computer science", "philosophy"):
            found = intervals.for_scores(scores[data["category"] == category])
            shown = float(published[name][f"acc_{category.replace(' ', '_')}"])
            assert found.estimate == pytest.approx(shown, abs=5.1e-6)  # published to five digits
            assert shown in found
    board = ranks.ranking(right.T)
    best = board.points.index(1)
    assert data["models"][best] == "gemini-1.5-pro-002"
    assert board.sets[best] == (1, 1)
    assert (
        np.mean([place.high - place.low for place in board.sets]) > 2
    )  # 909 items do not order 29 endpoints


def test_mt_bench_judge_agrees_with_people(shared_data: Path) -> None:
    human, judge = (_verdicts(shared_data / "battles" / name) for name in FILES)
    both = sorted(
        key for key in human.keys() & judge.keys() if {human[key], judge[key]} <= {"model_a", "model_b"}
    )
    found = agreement.cohen_kappa([human[key] for key in both], [judge[key] for key in both])
    share = intervals.wilson(sum(human[key] == judge[key] for key in both), len(both))
    # Zheng et al., arXiv 2306.05685: GPT-4 and people agree on over 80 % of votes without ties
    assert 0.8 in share or share.estimate > 0.8
    assert 0.1 < found.low < found.estimate < found.high < 0.9


def test_mt_bench_votes_make_a_board(shared_data: Path) -> None:
    votes = []
    with (shared_data / "battles" / FILES[0]).open() as rows:
        for row in csv.DictReader(rows):
            a, b = row["model_a"], row["model_b"]
            votes.append(
                Vote(b, a) if row["winner"] == "model_b" else Vote(a, b, tied=row["winner"] != "model_a")
            )
    found = bradley_terry.fit(votes)
    order = [found.names[i] for i in np.argsort(-found.strengths)]
    assert order[0] == "gpt-4"
    assert order[-1] == "llama-13b"
    board = found.ranking()
    assert board.sets[found.names.index("llama-13b")].low > board.sets[found.names.index("gpt-4")].high


FILES = ("mtbench_human_q151-160.csv", "mtbench_gpt4_pair_q151-160.csv")


def _verdicts(path: Path) -> dict[tuple[str, str, str, str], str]:
    """One verdict a pair, question and turn: the first vote of those people who voted."""
    found: dict[tuple[str, str, str, str], str] = {}
    with path.open() as rows:
        for row in csv.DictReader(rows):
            found.setdefault((row["model_a"], row["model_b"], row["question_id"], row["turn"]), row["winner"])
    return found
