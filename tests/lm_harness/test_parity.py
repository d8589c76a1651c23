"""On the same answers our numbers equal `lm_eval.simple_evaluate`'s: values, standard errors, groups, every document."""

from typing import Any

import pytest

from evalhub.runs.models import Answer, BenchmarkScore, Cell, Run, RunStatus
from tests.lm_harness.conftest import Parity, needs_lm_eval
from tests.lm_harness.definitions import GENERATED, GROUPS, TASKS

pytestmark = [pytest.mark.django_db, needs_lm_eval, pytest.mark.xdist_group("lm_eval")]
GROUP_NAMES = [group["group"] for group in GROUPS]


def theirs(reference: dict[str, Any], name: str) -> dict[tuple[str, str], tuple[Any, Any]]:
    found = reference["results"][name]
    return {
        (key.partition(",")[0], key.partition(",")[2]): (value, found[key.replace(",", "_stderr,", 1)])
        for key, value in found.items()
        if "," in key and "_stderr," not in key
    }


def ours(run: Run, name: str, shots: int | None = None) -> dict[tuple[str, str], tuple[Any, Any]]:
    rows = BenchmarkScore.objects.filter(run=run, name=name)
    if shots is not None:
        rows = rows.filter(shots=shots)
    return {
        (row.metric, row.filter): (row.value, "N/A" if row.stderr is None else row.stderr) for row in rows
    }


@pytest.mark.parametrize("name", [*TASKS, *GROUP_NAMES])
def test_values_and_errors_equal_simple_evaluates(parity: Parity, name: str) -> None:
    shots = {"mc_default_sampler": 3}.get(name)
    assert ours(parity.plain, name, shots) == theirs(parity.reference[0], name)
    assert ours(parity.plain, name, shots)


@pytest.mark.parametrize("name", GENERATED)
def test_chat_prompts_give_the_same_numbers_too(parity: Parity, name: str) -> None:
    assert ours(parity.chat, name) == theirs(parity.reference[1], name)


def test_a_recipes_few_shot_count_and_limit_are_simple_evaluates(parity: Parity) -> None:
    assert ours(parity.plain, "mc_default_sampler", 1) == theirs(parity.reference[2], "mc_default_sampler")
    assert {
        row.n for row in BenchmarkScore.objects.filter(run=parity.plain, shots=1, name="mc_default_sampler")
    } == {5}


def test_every_document_has_simple_evaluates_metrics(parity: Parity) -> None:
    """Not only sums that happen to agree: document by document, filter by filter, and no row twice."""
    compared = 0
    answers = Answer.objects.filter(run=parity.plain).select_related("item").prefetch_related("grades")
    found = {}
    for answer in answers:
        benchmark = answer.item.spec["benchmark"]
        key = (benchmark["task"], benchmark["num_fewshot"], benchmark["doc_id"])
        assert key not in found
        found[key] = answer.grades.get().evidence[0]["metrics"]
    for task, rows in parity.reference[0]["samples"].items():
        shots = TASKS[task][0].get("num_fewshot", 0)
        for row in rows:
            mine = found[task, shots, row["doc_id"]][row["filter"]]
            assert mine == {name: row[name] for name in mine}
            compared += len(mine)
    assert compared > 450


def test_documents_are_counted_once_whatever_the_filters(parity: Parity) -> None:
    """14 documents with two filters are 14 answers: simple_evaluate's samples hold 28 rows of them."""
    items = Answer.objects.filter(run=parity.plain, item__spec__benchmark__task="gen_two_filters")
    assert items.count() == 14
    assert len(parity.reference[0]["samples"]["gen_two_filters"]) == 28
    rows = BenchmarkScore.objects.filter(run=parity.plain, name="gen_two_filters")
    assert {(row.filter, row.n, row.of) for row in rows} == {
        ("strict-match", 14, 14),
        ("flexible-extract", 14, 14),
    }


def test_rows_that_a_data_set_holds_twice_count_twice(parity: Parity) -> None:
    assert Answer.objects.filter(run=parity.plain, item__spec__benchmark__task="mc_rows_twice").count() == 8


def test_scores_outcomes_and_cells_follow_from_the_metrics(parity: Parity) -> None:
    run = parity.plain
    assert run.status == RunStatus.FINISHED
    assert run.manifest["benchmarks"]["lm_eval"]
    answers = Answer.objects.filter(run=run, item__spec__benchmark__task="mc_acc")
    shares = [answer.grades.get().evidence[0]["metrics"]["none"]["acc"] for answer in answers]
    assert [answer.score for answer in answers] == shares
    assert {answer.outcome for answer in answers} == {"correct", "wrong"}
    assert set(
        Answer.objects.filter(run=run, item__kind="loglikelihood_rolling").values_list("outcome", "score")
    ) == {("ungraded", None)}
    scored = Answer.objects.filter(run=run).exclude(score=None).count()
    assert Cell.objects.get(run=run, metric="accuracy", facet="all").n == scored > 200


def test_the_answers_are_not_trivial(parity: Parity) -> None:
    """A parity of zeros would prove little: most metrics lie strictly between their ends."""
    shares = [
        row.value
        for row in BenchmarkScore.objects.filter(run=parity.plain, metric__in=("acc", "exact_match"))
    ]
    assert sum(0 < value < 1 for value in shares) > 0.8 * len(shares)
    assert len(TASKS) >= 25
