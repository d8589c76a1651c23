"""All of lm-eval's benchmarks as plain rows, for browsing and searching offline. Runs in the child only.

A row: {"name", "kind": task|group|tag|python, "path", "output_type", "data", "shots", "metrics", "filters", "members",
"needs": code|pictures|sound or ""}. `path` is relative to lm-eval's folder of tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lm_eval.tasks import TaskManager
from lm_eval.tasks._index import Entry, Kind

from workers.benchmarks.loading import FOLDER, VERSION

_KINDS = {Kind.TASK: "task", Kind.PY_TASK: "python", Kind.GROUP: "group", Kind.TAG: "tag"}


def index(given: Mapping[str, Any]) -> dict[str, Any]:
    """{"version", "rows"}: every task, group and tag of the installed lm-eval. Takes about 20 s on one core."""
    entries = TaskManager().task_index
    rows = [_row(entry, entries) for entry in sorted(entries.values(), key=lambda entry: entry.name)]
    return {"version": VERSION, "rows": rows}


def _row(entry: Entry, entries: Mapping[str, Entry]) -> dict[str, Any]:
    config = entry.cfg or {}
    path = entry.yaml_path.resolve().relative_to(FOLDER).as_posix() if entry.yaml_path else ""
    row: dict[str, Any] = {"name": entry.name, "kind": _KINDS[entry.kind]}
    if path:
        row["path"] = path
    if entry.kind is Kind.GROUP:
        row["members"] = sorted({name for name in _members(config.get("task")) if name in entries})
    elif entry.kind is Kind.TAG:
        row["members"] = sorted(entry.tags)
    else:
        row |= _facts(config)
    return {key: value for key, value in row.items() if value not in (None, "", [])}


def _facts(config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "output_type": config.get("output_type", "generate_until"),
        "data": "/".join(
            str(part) for part in (config.get("dataset_path"), config.get("dataset_name")) if part
        ),
        "shots": config.get("num_fewshot"),
        "metrics": [
            str(metric.get("metric")).rpartition("/")[2] for metric in config.get("metric_list") or ()
        ],
        "filters": [found.get("name") for found in config.get("filter_list") or ()],
        "needs": "code"
        if config.get("unsafe_code")
        else "pictures"
        if config.get("doc_to_image")
        else "sound"
        if config.get("doc_to_audio")
        else "",
    }


def _members(listed: Any) -> Iterator[str]:
    for member in listed if isinstance(listed, list) else [listed]:
        if isinstance(member, str):
            yield member
        elif isinstance(member, Mapping):
            if "group" in member:
                yield str(member["group"])
            if isinstance(member.get("task"), (list, str)):
                yield from _members(member["task"])
