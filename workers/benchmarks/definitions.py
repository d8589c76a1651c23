"""A person's own benchmark definitions: read without running anything, and refused where they could run something.

lm-eval's YAML can name Python (`!function`, `class`, `custom_dataset`, `process_results` ...) and its Jinja reaches
Python's builtins. Definitions of people therefore hold data only: known keys, plain values, templates for the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from workers.benchmarks.errors import BenchmarkError

Config = dict[str, Any]

TASK_KEYS = frozenset(
    (
        "task",
        "task_alias",
        "tag",
        "dataset_path",
        "dataset_name",
        "dataset_kwargs",
        "training_split",
        "validation_split",
        "test_split",
        "fewshot_split",
        "doc_to_text",
        "doc_to_target",
        "doc_to_choice",
        "description",
        "target_delimiter",
        "fewshot_delimiter",
        "fewshot_config",
        "num_fewshot",
        "metric_list",
        "output_type",
        "generation_kwargs",
        "repeats",
        "filter_list",
        "should_decontaminate",
        "doc_to_decontamination_query",
        "gen_prefix",
        "metadata",
    )
)
GROUP_KEYS = frozenset(
    ("group", "group_alias", "task", "tag", "aggregate_metric_list", "metadata", "num_fewshot")
)
SHOT_KEYS = frozenset(
    (
        "sampler",
        "split",
        "fewshot_indices",
        "samples",
        "doc_to_text",
        "doc_to_choice",
        "doc_to_target",
        "gen_prefix",
        "fewshot_delimiter",
        "target_delimiter",
    )
)
TEMPLATES = (
    "doc_to_text",
    "doc_to_target",
    "doc_to_choice",
    "description",
    "gen_prefix",
    "doc_to_decontamination_query",
)
OUTPUT_TYPES = ("generate_until", "multiple_choice", "loglikelihood", "loglikelihood_rolling")
LOCAL_FORMATS = ("json", "csv", "parquet", "text")
DATA_KEYS = frozenset(("data_files", "field", "delimiter", "encoding", "revision"))
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
LARGEST_FILE = 4 * 1024 * 1024
LARGEST_TEMPLATE = 20_000
MOST_REPEATS = 64


def read_folder(folder: Path) -> list[Config]:
    """Every task and group that the YAML files of a folder define, included files merged in. Raises BenchmarkError."""
    folder = folder.resolve()
    if not folder.is_dir():
        raise BenchmarkError(
            f"There is no folder {folder.name!r} of benchmark files; put one there or correct the name."
        )
    found = [_read(path, folder, ()) for path in sorted(folder.rglob("*.yaml"))]
    configs = [config for config in found if "task" in config or "group" in config]
    if not configs:
        raise BenchmarkError(f"The folder {folder.name!r} holds no .yaml file with a 'task' or 'group'.")
    for config in configs:
        check(config, has_files=True)
    return configs


def check(config: Mapping[str, Any], *, has_files: bool = False) -> None:
    """Raise BenchmarkError unless the definition is data only. Names of metrics and filters are checked in the child.

    `has_files`: its data files were found in its own folder (`read_folder`), so local formats are allowed.
    """
    name = config.get("group", config.get("task"))
    if not isinstance(name, str) or not name.strip():
        raise BenchmarkError(f"A definition is named {name!r}; give it a 'task' or a 'group' that is text.")
    known = GROUP_KEYS if "group" in config else TASK_KEYS
    if unknown := sorted(set(config) - known):
        raise BenchmarkError(
            f"{name}: {', '.join(map(repr, unknown))} is not allowed here (it may name code, or lm-eval does not know it); "
            f"allowed are {', '.join(sorted(known))}."
        )
    if "group" in config:
        _check_members(name, config.get("task"))
        return
    _check_data(name, config, has_files)
    _check_task(name, config)


def _check_data(name: str, config: Mapping[str, Any], has_files: bool) -> None:
    path, options = config.get("dataset_path"), config.get("dataset_kwargs") or {}
    is_local = path in LOCAL_FORMATS
    if unknown := sorted(set(options) - DATA_KEYS):
        raise BenchmarkError(
            f"{name}: dataset_kwargs may hold {', '.join(sorted(DATA_KEYS))}; found {unknown}."
        )
    if is_local and not has_files or not is_local and "data_files" in options:
        raise BenchmarkError(
            f"{name}: data files are read only from the folder of a definition, with dataset_path one of {LOCAL_FORMATS}."
        )
    if path is not None and not is_local and not _HUB_NAME.fullmatch(str(path)):
        raise BenchmarkError(
            f"{name}: dataset_path is {path!r}; name a data set of the hub (owner/name), or one of {LOCAL_FORMATS}."
        )


def _check_task(name: str, config: Mapping[str, Any]) -> None:
    if config.get("output_type", "generate_until") not in OUTPUT_TYPES:
        raise BenchmarkError(
            f"{name}: output_type is {config['output_type']!r}; choose one of {', '.join(OUTPUT_TYPES)}."
        )
    repeats = config.get("repeats", 1)
    if not isinstance(repeats, int) or not 1 <= repeats <= MOST_REPEATS:
        raise BenchmarkError(f"{name}: repeats is {repeats!r}; choose 1 to {MOST_REPEATS}.")
    shots = config.get("fewshot_config") or {}
    if not isinstance(shots, Mapping) or (unknown := sorted(set(shots) - SHOT_KEYS)):
        raise BenchmarkError(
            f"{name}: fewshot_config may hold {', '.join(sorted(SHOT_KEYS))}; found {unknown}."
        )
    if not isinstance(shots.get("samples", []), list) or not isinstance(shots.get("sampler", ""), str):
        raise BenchmarkError(f"{name}: fewshot_config.samples must be a list of rows and sampler a name.")
    for holder in (config, shots):
        for key in TEMPLATES:
            _check_template(name, key, holder.get(key))
    for metric in config.get("metric_list") or ():
        if not isinstance(metric, Mapping) or metric.get("hf_evaluate"):
            raise BenchmarkError(
                f"{name}: the metric {metric!r} is fetched from the hub; use one that lm-eval has built in."
            )
    for filters in config.get("filter_list") or ():
        if any(step.get("function") == "custom" for step in filters.get("filter", ())):
            raise BenchmarkError(
                f"{name}: the filter 'custom' runs code; use regex, take_first and the like."
            )


def _check_template(name: str, key: str, value: Any) -> None:
    if value is None or isinstance(value, (int, list, Mapping)):
        return
    if not isinstance(value, str) or len(value) > LARGEST_TEMPLATE:
        raise BenchmarkError(f"{name}: {key} must be a template of at most {LARGEST_TEMPLATE} characters.")


def _check_members(name: str, members: Any) -> None:
    if not isinstance(members, list) or not members:
        raise BenchmarkError(f"The group {name} has no list of members under 'task'.")
    for member in members:
        if isinstance(member, Mapping) and "group" in member:
            _check_members(str(member["group"]), member.get("task", [""]))
        elif isinstance(member, Mapping):
            check(member)
        elif not isinstance(member, str):
            raise BenchmarkError(f"The group {name} lists {member!r}; list names of tasks.")


def within(folder: Path, files: Any) -> Any:
    """`data_files` with absolute paths, all of them inside the folder. Raises BenchmarkError for one outside."""
    if isinstance(files, Mapping):
        return {split: within(folder, value) for split, value in files.items()}
    if isinstance(files, list):
        return [within(folder, value) for value in files]
    path = (folder / str(files)).resolve()
    if "://" in str(files) or not path.is_relative_to(folder.resolve()):
        raise BenchmarkError(f"The data file {files!r} lies outside the benchmark's folder; move it inside.")
    return str(path)


def _read(path: Path, folder: Path, seen: tuple[Path, ...]) -> Config:
    if path in seen or not path.is_relative_to(folder):
        raise BenchmarkError(f"{path.name} includes itself, or a file outside its folder.")
    if path.stat().st_size > LARGEST_FILE:
        raise BenchmarkError(
            f"{path.name} is above {LARGEST_FILE} bytes; keep rows in a data file beside it."
        )
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise BenchmarkError(
            f"{path.name} cannot be read ({line}). Tags such as !function name code and are refused."
        ) from None
    if not isinstance(config, dict):
        raise BenchmarkError(f"{path.name} holds {type(config).__name__}; a benchmark file is a mapping.")
    merged: Config = {}
    for included in _includes(config.pop("include", None)):
        merged |= _read((path.parent / included).resolve(), folder, (*seen, path))
    merged |= config
    files = (merged.get("dataset_kwargs") or {}).get("data_files")
    if files is not None and merged.get("dataset_path") in LOCAL_FORMATS and not seen:
        merged["dataset_kwargs"] = {**merged["dataset_kwargs"], "data_files": within(folder, files)}
    return merged


def _includes(value: Any) -> Iterator[str]:
    for name in value if isinstance(value, list) else [value] if value else []:
        if not isinstance(name, str):
            raise BenchmarkError(f"include is {name!r}; name a file of the same folder.")
        yield name


def members_of(config: Mapping[str, Any]) -> Iterator[str]:
    """The names a group lists, those of groups written out within it too."""
    for member in config.get("task") or ():
        if isinstance(member, str):
            yield member
        elif "group" in member:
            yield str(member["group"])
            yield from members_of(member)
        else:
            yield str(member["task"])
