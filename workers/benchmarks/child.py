"""The child process: `python -m workers.benchmarks.child build|score|index ASKED ANSWERED` (see process.py)."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workers.benchmarks import sandbox
from workers.benchmarks.errors import BenchmarkError

sandbox.install()  # before any task is loaded

from workers.benchmarks import building, indexing, scoring  # noqa: E402

Job = Callable[[Mapping[str, Any]], Any]


def build(given: Mapping[str, Any]) -> list[Any]:
    return [building.build(wanted) for wanted in given["wanted"]]


def score(given: Mapping[str, Any]) -> list[Any]:
    return [scoring.score(benchmark) for benchmark in given["benchmarks"]]


JOBS: dict[str, Job] = {"build": build, "score": score, "index": indexing.index}


def main(job: str, asked: str, answered: str) -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    try:
        answer: dict[str, Any] = {"result": JOBS[job](json.loads(Path(asked).read_text(encoding="utf-8")))}
    except BenchmarkError as error:
        answer = {"error": str(error)}
    except Exception as error:  # task code may raise anything: what it said is for the person who asked
        answer = {"error": f"The benchmark's code failed: {type(error).__name__}: {str(error)[:500]}"}
    Path(answered).write_text(json.dumps(answer, ensure_ascii=True), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
