"""Responses into metrics, with lm-eval's own filters, `process_results` and aggregation. Runs in the child only."""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lm_eval.api.group import Group
from lm_eval.api.instance import Instance
from lm_eval.api.metrics import mean, stderr_for_metric
from lm_eval.api.task import Task

from workers.benchmarks.errors import BenchmarkError
from workers.benchmarks.loading import VERSION, documents_given, load, plain

BOOTSTRAPS = 1000
_SLOW_BOOTSTRAPS = 100
_SLOW = (
    "bleu",
    "chrf",
    "chrf++",
    "ter",
)  # lm-eval's own exception (evaluator_utils._compute_task_aggregations)


def score(given: Mapping[str, Any]) -> dict[str, Any]:
    """{"version", "documents": [...], "results": [...]} of one benchmark. Raises BenchmarkError.

    Given are {"definition", "first": {task: document 0}, "documents": [{"task", "doc_id", "doc", "responses"}]}, each of
    `responses` a list of what was answered to one request (more than one where the benchmark repeats it). Returned
    documents keep the order given: {"metrics": {filter: {metric: value}}, "filtered": {filter: [...]}, "share": 0..1 or None}.
    A result is {"name", "is_group", "metric", "filter", "value", "stderr", "n", "is_higher_better"}.
    """
    with documents_given(given["first"]):
        try:
            loaded = load(given["definition"])
        except BenchmarkError:
            raise
        except Exception as error:  # task code may raise anything
            raise BenchmarkError(
                f"The benchmark cannot be loaded for scoring: {type(error).__name__}: {error}"
            ) from None
    documents = given["documents"]
    scored: list[dict[str, Any] | None] = [None] * len(documents)
    summaries: dict[str, dict[str, Any]] = {}
    better: dict[str, Mapping[str, Any]] = {}
    for name, task in loaded["tasks"].items():
        places = [place for place, document in enumerate(documents) if document["task"] == name]
        places.sort(key=lambda place: documents[place]["doc_id"])
        if places:
            raw = _score_task(task, [documents[place] for place in places], places, scored)
            summaries[name] = summarise(task, raw, given.get("bootstraps", BOOTSTRAPS))
            better[name] = task.higher_is_better()
    groups = _aggregate_groups(loaded.get("groups") or {}, summaries)
    results = [
        row
        for name, found in summaries.items()
        for row in _rows(name, found, better.get(name, {}), name in groups)
    ]
    return {"version": VERSION, "documents": scored, "results": results}


def summarise(task: Task, raw: Mapping[tuple[str, str], Sequence[Any]], bootstraps: int) -> dict[str, Any]:
    """{"metric,filter": value, "metric_stderr,filter": error, "sample_len"} as simple_evaluate reports them."""
    found: dict[str, Any] = {"sample_len": 0}
    for (metric, filter_key), values in raw.items():
        aggregate = task.aggregation().get(metric, mean)
        found["sample_len"] = max(found["sample_len"], len(values))
        found[f"{metric},{filter_key}"] = aggregate(values)
        error = stderr_for_metric(
            aggregate, min(bootstraps, _SLOW_BOOTSTRAPS) if metric in _SLOW else bootstraps
        )
        found[f"{metric}_stderr,{filter_key}"] = error(values) if error and len(values) > 1 else "N/A"
    return found


def _score_task(
    task: Task,
    documents: Sequence[Mapping[str, Any]],
    places: Sequence[int],
    scored: list[dict[str, Any] | None],
) -> dict[tuple[str, str], list[Any]]:
    """Fill `scored` at `places`; returns the metrics' values in document order, by (metric, filter)."""
    instances = [_instances(task, document) for document in documents]
    for ensemble in task._filters:
        ensemble.apply([instance for group in instances for instance in group])
    raw: dict[tuple[str, str], list[Any]] = defaultdict(list)
    rows: list[dict[str, Any]] = [{"metrics": {}, "filtered": {}} for _ in documents]
    for filter_key in instances[0][0].filtered_resps:
        for row, document, group in zip(rows, documents, instances, strict=True):
            filtered = [instance.filtered_resps[filter_key] for instance in group]
            metrics = task.process_results(copy.deepcopy(document["doc"]), filtered)
            for metric, value in metrics.items():
                raw[metric, filter_key].append(value)
            row["metrics"][filter_key] = {metric: _shown(value) for metric, value in metrics.items()}
            row["filtered"][filter_key] = _shown(filtered)
    better = task.higher_is_better()
    for place, row in zip(places, rows, strict=True):
        scored[place] = {**row, "share": _share(row["metrics"], better)}
    return raw


def _instances(task: Task, document: Mapping[str, Any]) -> list[Instance]:
    kind = "loglikelihood" if task.OUTPUT_TYPE == "multiple_choice" else task.OUTPUT_TYPE or "generate_until"
    made = []
    for index, responses in enumerate(document["responses"]):
        copies = [tuple(one) if isinstance(one, list) else one for one in responses]
        made.append(
            Instance(
                request_type=kind,
                doc=copy.deepcopy(document["doc"]),
                arguments=(),
                idx=index,
                metadata=(task.task_name, document["doc_id"], len(copies)),
                resps=copies,
            )
        )
    return made


def _share(metrics: Mapping[str, Mapping[str, Any]], better: Mapping[str, Any]) -> float | None:
    """The first metric of the first filter that is a share of 1 and better when higher; None where there is none."""
    for by_metric in metrics.values():
        for metric, value in by_metric.items():
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if is_number and better.get(metric, True) and 0 <= value <= 1:
                return float(value)
    return None


def _aggregate_groups(groups: Mapping[str, Group], summaries: dict[str, dict[str, Any]]) -> set[str]:
    """Add each group's own aggregate, children first; returns the groups' names."""
    for group in sorted(groups.values(), key=lambda group: len(group.get_all_groups())):
        if group.has_aggregation:
            summaries[group.name] = dict(group.aggregate(summaries))
    return set(groups)


def _rows(
    name: str, found: Mapping[str, Any], better: Mapping[str, Any], is_group: bool
) -> list[dict[str, Any]]:
    rows = []
    counts = found.get("sample_count") or {}
    for key, value in found.items():
        metric, comma, filter_key = key.partition(",")
        if not comma or metric.endswith("_stderr"):
            continue
        error = found.get(f"{metric}_stderr,{filter_key}")
        rows.append(
            {
                "name": name,
                "is_group": is_group,
                "metric": metric,
                "filter": filter_key,
                "value": _finite(value),
                "stderr": _finite(error),
                "n": counts.get(key, found["sample_len"]),
                "is_higher_better": better.get(metric),
            }
        )
    return rows


def _finite(value: Any) -> float | None:
    if isinstance(value, str) or value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _shown(value: Any) -> Any:
    """A value for storage: JSON types; what has none is shown as text."""
    try:
        return plain(value)
    except BenchmarkError:
        return str(value)[:500]
