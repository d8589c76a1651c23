"""A suite version as an lm-eval task: a folder of YAML and JSONL that `lm_eval --include_path DIR --tasks NAME` runs unchanged.

What becomes of the items (one task for each line that has any, one group over them):

    bank, one letter right      <name>_choice   multiple_choice: letters by log-likelihood, acc
    bank, other keyed kinds     <name>_text     generate_until: the text after "Answer:", exact_match against all that is accepted
    bank, free text             <name>_open     generate_until without a score of its own (metric bypass): outputs for a judge
    lm-eval, definitions        <name>_<task>   the same definition; prompts with their worked examples are written out
    lm-eval, its own            by name         with the few-shot count; the data set is lm-eval's business

lm-eval has no tolerances, units or partial credit: a number must be written as the key has it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from evalhub.errors import NotReady
from evalhub.suites.models import Item, SuiteVersion
from questions.kinds import KINDS
from questions.kinds.base import Presented

PROMPT = "evalhub_prompt"
_ANSWER = r"(?:Answer|答案)\s*[::]\s*(.+?)\s*$"
_NO_NAME = re.compile(r"[^a-z0-9]+")
_EXACT = {"metric": "exact_match", "aggregation": "mean", "higher_is_better": True, "ignore_case": True}
_CHOICE = {
    "output_type": "multiple_choice",
    "doc_to_text": "prompt",
    "doc_to_choice": "letters",
    "doc_to_target": "gold",
    "target_delimiter": "",
    "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
}
_TEXT = {
    "output_type": "generate_until",
    "doc_to_text": "prompt",
    "doc_to_target": "answers",
    "generation_kwargs": {"until": [], "max_gen_toks": 1024, "temperature": 0.0, "do_sample": False},
    "filter_list": [
        {
            "name": "answer",
            "filter": [
                {"function": "regex", "regex_pattern": f"(?im){_ANSWER}", "group_select": -1},
                {"function": "take_first"},
            ],
        }
    ],
    "metric_list": [_EXACT],
}
_OPEN = {
    **{key: value for key, value in _TEXT.items() if key != "filter_list"},
    "metric_list": [{"metric": "bypass", "aggregation": "bypass", "higher_is_better": True}],
}


@dataclass(slots=True)
class Task:
    """One task file with its rows."""

    config: Mapping[str, Any]
    rows: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the name to give to lm_eval, its tasks, and how many items each holds."""

    name: str
    items: Mapping[str, int]


def export_version(version: SuiteVersion, folder: Path) -> Exported:
    """Write the version into a folder (made if it is not there). Raises NotReady where it has no items."""
    name = f"evalhub_{name_of(version.suite.slug) or version.suite_id}"
    tasks: dict[str, Task] = {}
    references: dict[tuple[str, int | None], int] = {}
    for item in version.items.order_by("position").iterator(chunk_size=500):
        _place(item, name, tasks, references)
    if not tasks and not references:
        raise NotReady(f"{version} has no items; compose it from a recipe that selects some.")
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for task_name, task in tasks.items():
        _write_task(folder, task_name, task, version.number)
    members = [*tasks, *_members(references)]
    group = {
        "group": name,
        "group_alias": version.suite.title_en,
        "task": members,
        "metadata": {"version": version.number},
    }
    _write_yaml(folder / f"{name}.yaml", group)
    counts = {task_name: len(task.rows) for task_name, task in tasks.items()}
    return Exported(name, counts | {benchmark: count for (benchmark, _), count in references.items()})


def name_of(text: str) -> str:
    """A text as a part of an lm-eval name: lower case, digits and underscores."""
    return _NO_NAME.sub("_", text.lower()).strip("_")


def _place(
    item: Item, name: str, tasks: dict[str, Task], references: dict[tuple[str, int | None], int]
) -> None:
    benchmark = item.spec.get("benchmark")
    if benchmark and "paths" in benchmark:
        for each in benchmark["names"]:
            key = (each, benchmark["asked_fewshot"])
            references[key] = references.get(key, 0) + 1
        return
    part, config, row = _own(benchmark, item.spec) if benchmark else _of_the_bank(item.spec)
    tasks.setdefault(f"{name}_{part}", Task(config)).rows.append(row)


def _of_the_bank(spec: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], dict[str, Any]]:
    presented = Presented.from_dict(spec["presented"])
    kind, language = KINDS[presented.kind], str(spec.get("language") or presented.language)
    row: dict[str, Any] = {"key": spec["key"], "language": language}
    if "index" in presented.key:
        cue, letters = kind.letters_prompt(presented, language)
        space = "" if language.startswith("zh") else " "
        gold = next(
            place for place, choice in enumerate(presented.choices) if choice.index == presented.key["index"]
        )
        return (
            "choice",
            _CHOICE,
            {**row, "prompt": cue, "letters": [space + letter for letter in letters], "gold": gold},
        )
    row |= {"prompt": kind.prompt(presented, language=language), "answers": _accepted(presented)}
    return ("text", _TEXT, row) if row["answers"] else ("open", _OPEN, {**row, "answers": [""]})


def _accepted(presented: Presented) -> list[str]:
    """Every way of writing the key that counts as right; empty for free text."""
    key = presented.key
    if "indices" in key:
        return [
            ", ".join(sorted(choice.letter for choice in presented.choices if choice.index in key["indices"]))
        ]
    if "value" in key:
        value = f"{key['value']:g}" if isinstance(key["value"], float) else str(key["value"])
        return [value, f"{value} {key.get('unit', '')}".strip()]
    if "order" in key:
        return [", ".join(key["order"])]
    return [str(word) for word in key.get("accepted", ())]


def _own(
    benchmark: Mapping[str, Any], spec: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any], dict[str, Any]]:
    """A definition of ours as it stands, but for its prompt: that is written out, so that no examples are drawn anew."""
    task = benchmark["task"]
    config = dict(next(found for found in benchmark["configs"] if found.get("task") == task))
    for key in ("task", "num_fewshot", "fewshot_split", "test_split", "tag", "metadata"):
        config.pop(key, None)
    row = dict(spec["doc"])
    prompt = _prompt(spec["requests"])
    if prompt is not None:
        row[PROMPT] = prompt
        for key in ("description", "gen_prefix"):
            config.pop(key, None)
        config["doc_to_text"] = PROMPT
    shots = benchmark["num_fewshot"] or 0
    return f"{name_of(task)}_{shots}shot", {**config, "num_fewshot": 0}, row


def _prompt(requests: Iterable[Mapping[str, Any]]) -> str | None:
    """The one context of all of a document's requests; None where they differ (it is the text that varies, or there is none)."""
    contexts = {str(request.get("prompt", request.get("context", ""))) for request in requests}
    return contexts.pop() if len(contexts) == 1 and "" not in contexts else None


def _members(references: Iterable[tuple[str, int | None]]) -> list[Any]:
    return [name if shots is None else {"task": name, "num_fewshot": shots} for name, shots in references]


def _write_task(folder: Path, name: str, task: Task, version: int) -> None:
    data = folder / f"{name}.jsonl"
    with data.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in task.rows)
    head = {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data)}},
        "test_split": "test",
    }
    _write_yaml(folder / f"{name}.yaml", {**head, **task.config, "metadata": {"version": version}})


def _write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(
        yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=120), encoding="utf-8"
    )
