"""The end of a run's lm-eval benchmarks: responses into metrics, by lm-eval's own code in a child process.

Scored when all answers are there, before the run is finished: some filters and all aggregates need every document. Safe to
repeat: a second scoring of the same answers writes the same numbers.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from evalhub.runs.models import (
    Answer,
    BenchmarkScore,
    BenchmarkScoring,
    Grade,
    Run,
    RunStatus,
    Shard,
    ShardStatus,
)
from evalhub.runs.models.answer import Outcome
from evalhub.suites.models import Item
from workers.benchmarks import process
from workers.benchmarks.errors import BenchmarkError

log = logging.getLogger(__name__)
SOURCE = "lm_eval"
RUNG = "benchmark"
DEAD_AFTER = timedelta(minutes=20)
_BATCH = 500
_UNASKED = (Outcome.FAILED, Outcome.QUARANTINED)
Key = tuple[str, int]  # the use of a benchmark (_use_of), the repeat


def score_benchmarks(run_id: int) -> bool:
    """Score the run's benchmark answers; True once nothing of it is left to score (also where it has none).

    False while answers are missing, and while another worker scores it. Where lm-eval cannot score, the run keeps its answers
    ungraded and its manifest says why.
    """
    if not Run.objects.filter(pk=run_id, status__in=RunStatus.open()).exists():
        return True
    if not Item.objects.filter(version__runs=run_id, source=SOURCE).exists():
        return True
    if Shard.objects.filter(run=run_id, status=ShardStatus.OPEN).exists():
        return False
    if not _claim(run_id):
        return False
    try:
        _score(run_id)
    except BenchmarkError as error:
        log.warning("run %d: its benchmarks cannot be scored: %s", run_id, error)
        _note(run_id, {"error": str(error)})
    finally:
        BenchmarkScoring.objects.filter(run=run_id).delete()
    return True


def _claim(run_id: int) -> bool:
    """One worker at a time: insert the row, or take it over from a worker that died long ago."""
    now = timezone.now()
    try:
        with transaction.atomic():
            BenchmarkScoring.objects.create(run_id=run_id, started_at=now)
    except IntegrityError:
        old = BenchmarkScoring.objects.filter(run=run_id, started_at__lt=now - DEAD_AFTER)
        return bool(old.update(started_at=now))
    return True


def _score(run_id: int) -> None:
    items = Item.objects.filter(version__runs=run_id, source=SOURCE).order_by("position")
    specs = dict(items.values_list("id", "spec").iterator(chunk_size=_BATCH))
    groups = _grouped(run_id, specs)
    asked = [_asked(key, rows, specs) for key, rows in groups.items()]
    scored = process.ask("score", {"benchmarks": asked}, cache=settings.DATA_DIR / "huggingface")
    with transaction.atomic():
        BenchmarkScore.objects.filter(run=run_id).delete()
        for (key, rows), result in zip(groups.items(), scored, strict=True):
            _write_grades(rows, result)
            _write_scores(run_id, key[1], result, _tasks_of(key[0], specs))
    _note(
        run_id,
        {"lm_eval": scored[0]["version"] if scored else "", "bootstraps": "1000, of bleu, chrf and ter 100"},
    )


def _grouped(
    run_id: int, specs: Mapping[int, Mapping[str, Any]]
) -> dict[Key, list[tuple[int, int, str, str]]]:
    """(answer id, item id, text, finish reason) of everything answered, by benchmark and repeat."""
    groups: dict[Key, list[tuple[int, int, str, str]]] = defaultdict(list)
    answers = Answer.objects.filter(run=run_id, item__source=SOURCE).exclude(outcome__in=_UNASKED)
    rows = answers.order_by("item__position").values_list("id", "item_id", "repeat", "text", "finish_reason")
    for answer_id, item_id, repeat, text, finish_reason in rows.iterator(chunk_size=_BATCH):
        groups[_use_of(specs[item_id]), repeat].append((answer_id, item_id, text, finish_reason))
    return groups


def _use_of(spec: Mapping[str, Any]) -> str:
    """What makes two items parts of one benchmark: what was loaded for them, and the few-shot count asked for."""
    benchmark = spec["benchmark"]
    return json.dumps([benchmark["names"], benchmark["asked_fewshot"]])


def _asked(
    key: Key, rows: Sequence[tuple[int, int, str, str]], specs: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    """The benchmark as the child wants it. Task, not items, knows its first document: also one that was not answered."""
    mine = [spec for spec in specs.values() if _use_of(spec) == key[0]]
    first: dict[str, Mapping[str, Any]] = {}
    configs: dict[str, Mapping[str, Any]] = {}
    for spec in mine:
        first.setdefault(spec["benchmark"]["task"], spec["doc"])
        for config in spec["benchmark"].get("configs", ()):
            configs.setdefault(str(config.get("group", config.get("task"))), config)
    definition = dict(mine[0]["benchmark"])
    if configs:
        definition["configs"] = list(configs.values())
    documents = [
        {
            "task": specs[item_id]["benchmark"]["task"],
            "doc_id": specs[item_id]["benchmark"]["doc_id"],
            "doc": specs[item_id]["doc"],
            "responses": json.loads(text),
        }
        for _, item_id, text, _ in rows
    ]
    return {"definition": definition, "first": first, "documents": documents}


def _write_grades(rows: Sequence[tuple[int, int, str, str]], result: Mapping[str, Any]) -> None:
    grader = f"lm_eval/{result['version']}"
    for start in range(0, len(rows), _BATCH):
        grades, answers = [], []
        for (answer_id, _, text, finish_reason), row in zip(
            rows[start : start + _BATCH], result["documents"][start : start + _BATCH], strict=True
        ):
            outcome = _outcome(row["share"], text, finish_reason)
            evidence = [{"metrics": row["metrics"], "filtered": row["filtered"]}]
            grades.append(
                Grade(
                    answer_id=answer_id,
                    grader=grader,
                    rung=RUNG,
                    outcome=outcome,
                    score=row["share"],
                    evidence=evidence,
                    created_at=Now(),
                )
            )
            answers.append(
                Answer(id=answer_id, outcome=outcome, score=row["share"], extracted=_extracted(row))
            )
        Grade.objects.bulk_create(
            grades,
            update_conflicts=True,
            unique_fields=["answer", "grader"],
            update_fields=["rung", "outcome", "score", "evidence", "created_at"],
        )
        Answer.objects.bulk_update(answers, ["outcome", "score", "extracted"])


def _outcome(share: float | None, text: str, finish_reason: str) -> str:
    """From the share lm-eval gave; a zero says why where the answer was cut or empty. No share (perplexity): ungraded."""
    if share is None:
        return Outcome.UNGRADED
    if share >= 1:
        return Outcome.CORRECT
    if share > 0:
        return Outcome.PARTLY
    if text == '[[""]]':
        return Outcome.EMPTY
    return Outcome.TRUNCATED if finish_reason == "length" else Outcome.WRONG


def _extracted(row: Mapping[str, Any]) -> str:
    """What the first filter left of a generated answer."""
    filtered = next(iter(row["filtered"].values()), [""])
    return filtered[0][:500] if filtered and isinstance(filtered[0], str) else ""


def _write_scores(
    run_id: int, repeat: int, result: Mapping[str, Any], tasks: Mapping[str, tuple[int, int]]
) -> None:
    everything = sum(size for size, _ in tasks.values())
    BenchmarkScore.objects.bulk_create(
        (
            BenchmarkScore(
                run_id=run_id,
                repeat=repeat,
                of=size,
                shots=shots,
                lm_eval=result["version"],
                **row,
            )
            for row in result["results"]
            for size, shots in [tasks.get(row["name"], (everything, 0))]
        ),
        ignore_conflicts=True,  # a task asked alone and within a group: the same documents, the same number
    )


def _tasks_of(use: str, specs: Mapping[int, Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Of each task of this use: how many documents the suite version has, and its few-shot count."""
    tasks: dict[str, tuple[int, int]] = {}
    for spec in specs.values():
        if _use_of(spec) == use:
            name = spec["benchmark"]["task"]
            size, _ = tasks.get(name, (0, 0))
            tasks[name] = size + 1, int(spec["benchmark"]["num_fewshot"] or 0)
    return tasks


def _note(run_id: int, found: Mapping[str, Any]) -> None:
    manifest = Run.objects.values_list("manifest", flat=True).get(pk=run_id)
    Run.objects.filter(pk=run_id).update(manifest={**manifest, "benchmarks": dict(found)})


def scores_of(run: Run, *, repeat: int = 0) -> Iterable[BenchmarkScore]:
    """The run's benchmark numbers as its page shows them: groups first, then tasks by name."""
    return BenchmarkScore.objects.filter(run=run, repeat=repeat).order_by("-is_group", "name", "shots", "id")
