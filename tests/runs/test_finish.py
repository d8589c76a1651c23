"""The end of a run: numbers from the answers, once, however often it is asked for."""

import pytest

from evalhub.metrics import METRICS
from evalhub.runs import services
from evalhub.runs.cells import SCORE
from evalhub.runs.finish import finish_run
from evalhub.runs.models import Answer, Cell, Run, RunStatus, Shard, ShardStatus
from evalhub.stats.intervals import for_scores

NOW = "2026-01-01T00:00:00Z"


def answer_all(run, outcome_of, repeats=1):
    """Answers as given by outcome_of(position, repeat) -> (outcome, score, more fields); shards done."""
    rows = []
    for item in run.suite_version.items.all():
        for repeat in range(repeats):
            outcome, score, *more = outcome_of(item.position, repeat)
            fields = more[0] if more else {}
            rows.append(
                Answer(
                    run=run, item=item, repeat=repeat, outcome=outcome, score=score, created_at=NOW, **fields
                )
            )
    Answer.objects.bulk_create(rows)
    Shard.objects.filter(run=run).update(status=ShardStatus.DONE)
    failed = sum(row.outcome == "failed" for row in rows)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, done=len(rows) - failed, failed=failed)


def cell(run, metric, facet="all", value=""):
    return Cell.objects.get(run=run, metric=metric, facet=facet, value=value)


def right_then_wrong(position, repeat):
    return ("correct", 1.0) if position < 6 else ("wrong", 0.0)


def test_the_score_has_the_clustered_interval_of_its_items(start):
    run = start(items=10)
    answer_all(run, right_then_wrong)
    assert finish_run(run.pk)
    expected = for_scores([1] * 6 + [0] * 4, [position // 2 for position in range(10)])
    found = cell(run, SCORE)
    assert (found.n, found.total, found.estimate, found.chance) == (10, 6.0, 0.6, 2.5)
    assert (found.low, found.high, found.method) == (expected.low, expected.high, "clustered_wilson")


def test_every_cut_has_its_own_score(start):
    run = start(items=10)
    answer_all(run, right_then_wrong)
    finish_run(run.pk)
    track = cell(run, SCORE, "track", "A")  # positions 0, 3, 6, 9
    assert (track.n, track.estimate) == (4, 0.5)
    assert Cell.objects.filter(run=run, metric=SCORE, facet="topic").count() == len(
        set(run.suite_version.items.values_list("topic", flat=True))
    )


def test_failed_answers_do_not_count_as_wrong_but_are_shown(start):
    run = start(items=10)
    answer_all(run, lambda position, repeat: ("failed", None) if position >= 8 else ("correct", 1.0))
    finish_run(run.pk)
    assert (cell(run, SCORE).n, cell(run, SCORE).estimate) == (8, 1.0)
    assert (cell(run, "failed").n, cell(run, "failed").estimate) == (10, 0.2)
    assert cell(run, "truncated").estimate == 0.0
    assert cell(run, "truncated").high > 0.0


def test_repeats_are_averaged_within_their_item(start):
    run = start(items=6, repeats=3)
    answer_all(run, lambda position, repeat: ("correct", 1.0) if repeat == 0 else ("wrong", 0.0), repeats=3)
    finish_run(run.pk)
    assert cell(run, SCORE).n == 6
    assert cell(run, SCORE).estimate == pytest.approx(1 / 3)
    assert cell(run, "consistency").estimate == 0.0


def test_flags_and_times_become_cells(start):
    run = start(items=4)
    answer_all(
        run, lambda p, r: ("correct", 1.0, {"flags": "repeater mute" if p == 0 else "", "latency_s": p + 1.0})
    )
    finish_run(run.pk)
    assert cell(run, "repeater").estimate == cell(run, "mute").estimate == 0.25
    assert (cell(run, "latency_p50").estimate, cell(run, "latency_p50").n) == (2.5, 4)
    assert cell(run, "latency_p95").estimate == pytest.approx(3.85)
    assert not Cell.objects.filter(run=run, metric="ttft_p50").exists()


def test_every_metric_that_can_be_measured_is(start):
    run = start(items=10)
    answer_all(run, right_then_wrong)
    finish_run(run.pk)
    measured = set(Cell.objects.filter(run=run, facet="all").values_list("metric", flat=True))
    assert set(METRICS) - measured == {"exact_match", "consistency"}  # it has no keys, and no repeats


def test_finishing_twice_changes_nothing(start):
    run = start(items=10)
    answer_all(run, right_then_wrong)
    assert finish_run(run.pk)
    before = list(Cell.objects.values()), Run.objects.values().get()
    assert finish_run(run.pk)
    assert (list(Cell.objects.values()), Run.objects.values().get()) == before


def test_two_finishers_at_once_leave_one_set_of_cells(start, monkeypatch):
    from evalhub.runs import finish

    run = start(items=10)
    answer_all(run, right_then_wrong)
    once = finish.final_cells

    def overtaken(run_id):
        cells = once(run_id)
        monkeypatch.setattr(finish, "final_cells", once)
        assert finish_run(run_id)  # another worker finishes it while we were computing
        return cells

    monkeypatch.setattr(finish, "final_cells", overtaken)
    assert finish_run(run.pk)
    assert Cell.objects.filter(run=run, metric=SCORE, facet="all").count() == 1


def test_a_run_with_open_shards_is_not_finished(start):
    run = start(items=150)
    Shard.objects.filter(index=0).update(status=ShardStatus.DONE)
    assert not finish_run(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED


def test_a_cancelled_run_stays_cancelled(start):
    run = start(items=10)
    services.cancel_run(run=run)
    assert not finish_run(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED


def test_the_manifest_is_sealed(start):
    run = start(items=10, endpoint={"input_price": 2.0})
    answer_all(run, lambda p, r: ("correct", 1.0, {"model_reported": "mock-2026", "request_hash": str(p)}))
    finish_run(run.pk)
    run.refresh_from_db()
    seal = run.manifest
    assert seal["models_reported"] == ["mock-2026"]
    assert seal["versions"]["python"]
    assert seal["counts"]["done"] == 10
    assert len(seal["requests_sha256"]) == len(seal["answers_sha256"]) == 64
    assert seal["prices"]["input_per_million"] == 2.0
    assert seal["suite"]["content_hash"] == run.suite_version.content_hash


def test_equal_answers_seal_alike_and_others_do_not(start):
    first = start(items=10)
    runs = [first, start(version=first.suite_version), start(version=first.suite_version)]
    for number, run in enumerate(runs):
        answer_all(run, lambda p, r, n=number: ("correct", 1.0, {"text": "B" if n < 2 or p else "A"}))
        finish_run(run.pk)
        run.refresh_from_db()
    seals = [run.manifest["answers_sha256"] for run in runs]
    assert seals[0] == seals[1] != seals[2]
