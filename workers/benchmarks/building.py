"""A benchmark into requests, with lm-eval's own task code. Runs in the child only.

Everything a run needs is in what comes back: the prompts (plain, and as chat messages for generated answers), the
document, and enough of the definition to score it later without its data set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.task import Task

from workers.benchmarks.errors import BenchmarkError
from workers.benchmarks.loading import VERSION, load, plain, prepare, rows_given

SEED = 1234  # lm-eval's own default for few-shot draws
_DATA_KEYS = (
    "dataset_path",
    "dataset_name",
    "dataset_kwargs",
    "fewshot_config",
    "training_split",
    "validation_split",
)


def build(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """{"version", "documents": [...]} of one entry of a recipe. Raises BenchmarkError.

    A document is {"benchmark", "doc", "target", "requests", "copies", "kind", "choices"}; see workers.executors.lm_eval for
    `requests`, and `scoring` for `benchmark`.
    """
    limit = wanted.get("limit")
    with ExitStack() as stack:
        stack.enter_context(rows_given(wanted.get("data") or {}))
        tasks = _loaded(wanted)
        documents: list[dict[str, Any]] = []
        for task in tasks.values():
            _refuse(task)
            prepare(task, wanted.get("num_fewshot"), wanted.get("seed", SEED))
            documents += _documents(task, wanted, limit)
    return {"version": VERSION, "documents": documents}


def _loaded(wanted: Mapping[str, Any]) -> Mapping[str, Task]:
    try:
        return load(wanted)["tasks"]  # type: ignore[no-any-return]
    except BenchmarkError:
        raise
    except Exception as error:  # task code may raise anything: what it said is for the person who asked
        raise BenchmarkError(
            f"{', '.join(wanted['names'])} cannot be loaded: {type(error).__name__}: {str(error)[:300]}. "
            "If its data set is missing, fetch it once with HF_HUB_OFFLINE=0 where the hub is reached."
        ) from None


def _refuse(task: Task) -> None:
    if getattr(task, "UNSAFE_CODE", False):
        raise BenchmarkError(
            f"{task.task_name} runs the code that models write; it needs a sandbox and is not offered."
        )
    if getattr(task, "MULTIMODAL", False):
        raise BenchmarkError(f"{task.task_name} asks about images or sound; only text is offered.")


def _documents(task: Task, wanted: Mapping[str, Any], limit: int | None) -> Iterator[dict[str, Any]]:
    task.build_all_requests(limit=limit)
    grouped = _by_document(task.instances)
    messages: dict[int, list[Any]] = {}
    if task.OUTPUT_TYPE == "generate_until":
        prepare(task, wanted.get("num_fewshot"), wanted.get("seed", SEED))  # the same draws again
        task.build_all_requests(
            limit=limit, apply_chat_template=True, fewshot_as_multiturn=True, chat_template=_as_json
        )
        messages = {
            doc: [json.loads(i.args[0]) for i in found] for doc, found in _by_document(task.instances).items()
        }
    shared = {
        "task": task.task_name,
        "num_fewshot": task.get_config("num_fewshot"),
        "asked_fewshot": wanted.get("num_fewshot"),
        "output_type": task.OUTPUT_TYPE,
        "version": plain(task.VERSION),
        "filters": [f.name for f in getattr(task, "_filters", ())],
        "metrics": sorted(task.aggregation()),
        "lm_eval": VERSION,
        **_definition(task, wanted),
    }
    for doc_id, instances in grouped.items():
        doc = plain(instances[0].doc)
        yield {
            "benchmark": {**shared, "doc_id": doc_id},
            "doc": doc,
            "target": _target(task, instances[0].doc),
            "requests": list(_requests(instances, messages.get(doc_id))),
            "copies": instances[0].repeats or 1,
            "kind": task.OUTPUT_TYPE or "custom",
            "choices": len(instances) if task.OUTPUT_TYPE == "multiple_choice" else 0,
        }


def _definition(task: Task, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What scoring loads the task from again: a name of lm-eval's own, or the definitions without their data."""
    if "configs" not in wanted:
        return {"names": list(wanted["names"]), "paths": list(wanted["paths"])}
    kept = [
        config for config in wanted["configs"] if "group" in config or config.get("task") == task.task_name
    ]
    plain_ones = [{key: value for key, value in config.items() if key not in _DATA_KEYS} for config in kept]
    return {"names": list(wanted["names"]), "configs": plain_ones}


def _by_document(instances: Sequence[Instance]) -> dict[int, list[Instance]]:
    found: dict[int, list[Instance]] = {}
    for instance in instances:
        found.setdefault(instance.doc_id or 0, []).append(instance)
    for group in found.values():
        group.sort(key=lambda instance: instance.idx)
    return found


def _requests(instances: Sequence[Instance], messages: Sequence[Any] | None) -> Iterator[dict[str, Any]]:
    """The document's requests in order; neighbours with the same context share it."""
    last: dict[str, Any] | None = None
    for number, instance in enumerate(instances):
        kind, args = instance.request_type, instance.args
        if kind == "generate_until":
            yield {
                "type": kind,
                "prompt": args[0],
                "messages": messages[number] if messages else None,
                "options": plain(args[1]),
            }
        elif kind == "loglikelihood_rolling":
            yield {"type": kind, "text": args[0]}
        elif last is not None and last["context"] == args[0]:
            last["continuations"].append(args[1])
        else:
            if last is not None:
                yield last
            last = {"type": kind, "context": args[0], "continuations": [args[1]]}
    if last is not None:
        yield last


def _target(task: Task, doc: Any) -> str:
    try:
        return str(task.doc_to_target(doc))[:2000]
    except Exception:  # only shown to readers; task code may raise anything
        return ""


def _as_json(messages: Any, add_generation_prompt: bool = True) -> str:
    return json.dumps(messages, ensure_ascii=False)
