"""From what a recipe asks for to lm-eval's own Task and Group objects. Runs in the child only.

What is asked for: {"names", "paths": files of lm-eval's own} or {"names", "configs": [checked definitions],
"data": {task: {split: [rows]}}}. The full TaskManager() reads 14 000 files in 20 s; here only those of the index's closure are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import datasets
import lm_eval.tasks as builtin
from lm_eval.api.registry import aggregation_registry, filter_registry, metric_registry
from lm_eval.api.task import ConfigurableTask, Task
from lm_eval.config.task import FewshotConfig
from lm_eval.tasks import TaskManager
from lm_eval.tasks._index import TaskIndex
from lm_eval.tasks._yaml_loader import load_yaml

from workers.benchmarks.errors import BenchmarkError

VERSION = version("lm-eval")
FOLDER = Path(builtin.__file__).resolve().parent
Rows = list[dict[str, Any]]


def load(wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """lm-eval's {"tasks", "groups", "group_map"} for what is wanted. Raises BenchmarkError."""
    manager = TaskManager(include_defaults=False)
    if "configs" in wanted:
        for config in wanted["configs"]:
            _check_names(config)
            TaskIndex.process_cfg(dict(config), Path("own.yaml"), manager.task_index)
        for entry in manager.task_index.values():
            entry.yaml_path = None
    else:
        for path in wanted["paths"]:
            _register(manager, FOLDER / path)
    names = list(wanted["names"])
    if missing := [name for name in names if name not in manager.task_index]:
        raise BenchmarkError(
            f"lm-eval {VERSION} has no benchmark {missing[0]!r}; look it up among the benchmarks, or build their index anew."
        )
    try:
        return manager.load(names)  # type: ignore[no-any-return]
    except SystemExit as error:
        raise BenchmarkError(
            f"The code of {names} ended the process (status {error.code}); it cannot be used here."
        ) from None


@contextmanager
def rows_given(data: Mapping[str, Mapping[str, Rows]]) -> Iterator[None]:
    """Within it, tasks named in `data` take their splits from there; others load theirs as ever."""
    original = ConfigurableTask.download

    def download(task: Any, *args: Any, **kwargs: Any) -> None:
        name = task.config.task
        splits = data.get(name) or data.get(
            name.rpartition("::")[2]
        )  # members defined in a group bear its name
        if splits is None:
            original(task, *args, **kwargs)
        else:
            task.dataset = {split: datasets.Dataset.from_list(list(rows)) for split, rows in splits.items()}

    ConfigurableTask.download = download
    try:
        yield
    finally:
        ConfigurableTask.download = original


@contextmanager
def documents_given(first: Mapping[str, Mapping[str, Any]]) -> Iterator[None]:
    """Within it, tasks hold the one document given for them, as lm-eval prepared it when the suite was composed.

    All that scoring takes from the data set: its columns, and from the first document whether targets are lists. A task of
    which no document is given (left out by now) gets none either way: it must not be loaded.
    """
    original = ConfigurableTask.download

    def download(task: Any, *args: Any, **kwargs: Any) -> None:
        document = first.get(task.config.task)
        if document is None:
            raise BenchmarkError(
                f"No document of {task.config.task} is in this suite version; compose it again."
            )
        config = task.config
        config.training_split = config.validation_split = config.fewshot_split = None
        config.test_split, config.process_docs, config.fewshot_config, config.num_fewshot = (
            "given",
            None,
            None,
            0,
        )
        task.fewshot_cfg = FewshotConfig()
        task.dataset = {"given": datasets.Dataset.from_list([dict(document)])}

    ConfigurableTask.download = download
    try:
        yield
    finally:
        ConfigurableTask.download = original


def prepare(task: Task, num_fewshot: int | None, seed: int) -> None:
    """Few-shot count and seed as `simple_evaluate` sets them: a count of 0 in the definition is never overridden."""
    default = task.get_config("num_fewshot")
    if num_fewshot is not None and default != 0:
        task.set_config(key="num_fewshot", value=num_fewshot)
    elif default is None:
        task.set_config(key="num_fewshot", value=0)
    task.set_fewshot_seed(seed=seed)


def plain(value: Any) -> Any:
    """A value as JSON types. Raises BenchmarkError for what JSON cannot hold (images, dates): it could not be frozen."""
    try:
        return json.loads(
            json.dumps(value, default=_number), parse_constant=lambda name: None
        )  # NaN is no JSON
    except (TypeError, ValueError) as error:
        raise BenchmarkError(f"A document holds something that cannot be kept as JSON: {error}.") from None


def _number(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} {str(value)[:60]!r}")


def _register(manager: TaskManager, path: Path) -> None:
    if not path.is_file():
        raise BenchmarkError(
            f"lm-eval {VERSION} has no file {path.name}; the index of benchmarks is of another release: build it anew."
        )
    index = manager.task_index
    TaskIndex.process_cfg(load_yaml(path, resolve_func=False), path, index)


def _check_names(config: Mapping[str, Any]) -> None:
    """Names in a person's definition that lm-eval would look up on the hub, or fail at only after all answers are in."""
    name = config.get("task")
    for metric in config.get("metric_list") or ():
        _known(name, "metric", metric.get("metric"), metric_registry)
        if "aggregation" in metric:
            _known(name, "aggregation", metric["aggregation"], aggregation_registry)
    for filters in config.get("filter_list") or ():
        for step in filters.get("filter", ()):
            _known(name, "filter", step.get("function"), filter_registry)


def _known(name: Any, what: str, value: Any, registry: Any) -> None:
    known = sorted(registry.keys())
    if value not in known:
        raise BenchmarkError(f"{name}: lm-eval has no {what} {value!r}; it has {', '.join(known)}.")
