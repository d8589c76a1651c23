"""Asking lm-eval in a child process: a crash, an endless template or a `sys.exit` there costs this process nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from workers.benchmarks.errors import BenchmarkError, NotInstalled

TIMEOUT_S = 600.0
_LAST_WORDS = 600
_HOME = Path(__file__).resolve().parents[2]


def is_installed() -> bool:
    """Whether lm-eval is there; looks for it without importing it."""
    return find_spec("lm_eval") is not None


def ask(
    job: str, given: Mapping[str, Any], *, cache: Path | None = None, timeout_s: float = TIMEOUT_S
) -> Any:
    """Have the child do one job (`build`, `score`, `index`) and return its answer. `cache` is where data sets are kept.

    Raises NotInstalled, or BenchmarkError with the child's own words where it refused, crashed or ran out of time.
    """
    if not is_installed():
        raise NotInstalled(
            "lm-eval is not installed here. Run `python scripts/bootstrap.py benchmarks` once (570 MB), then start again."
        )
    with tempfile.TemporaryDirectory(prefix="evalhub-lm-eval-") as folder:
        asked, answered = Path(folder) / "asked.json", Path(folder) / "answered.json"
        asked.write_bytes(orjson.dumps(given))
        command = [sys.executable, "-m", "workers.benchmarks.child", job, str(asked), str(answered)]
        try:
            done = subprocess.run(  # noqa: S603  our own module, two paths of ours
                command,
                cwd=folder,
                env=environment(cache),
                capture_output=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BenchmarkError(
                f"lm-eval did not finish within {timeout_s:g} s. Set a limit, or look for an endless template or pattern."
            ) from None
        if not answered.exists():
            words = done.stderr.decode("utf-8", "replace").strip()[-_LAST_WORDS:]
            raise BenchmarkError(
                f"lm-eval stopped with status {done.returncode} and no answer: {words or 'no last words'}"
            )
        answer = orjson.loads(answered.read_bytes())
    if "error" in answer:
        raise BenchmarkError(answer["error"])
    return answer["result"]


def environment(cache: Path | None = None) -> dict[str, str]:
    """The child's environment: no progress bars, one process, and no hub unless HF_HUB_OFFLINE=0 says that it may."""
    offline = os.environ.get("HF_HUB_OFFLINE", "1")
    fixed = {
        "HF_HUB_OFFLINE": offline,
        "HF_DATASETS_OFFLINE": offline,
        "TQDM_DISABLE": "1",
        "LMEVAL_LOG_LEVEL": "ERROR",
        "DISABLE_MULTIPROC": "1",  # else f1, mcc and brier start processes of their own
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(_HOME),
    }
    if cache is not None:
        fixed["HF_HOME"] = str(cache)
    secret = ("SECRET", "DATABASE_URL", "REDIS_URL", "_KEY", "TOKEN", "PASSWORD")
    kept = {
        name: value for name, value in os.environ.items() if not any(word in name.upper() for word in secret)
    }
    return {**kept, **fixed}
