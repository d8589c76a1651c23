"""lm-eval's Jinja in a sandbox. Its own environment gives templates Python's builtins: remote code execution."""

from __future__ import annotations

import re
import resource
from typing import Any

from jinja2 import BaseLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lm_eval import utils

CPU_S = 3600
MEMORY_BYTES = 8 * 1024**3


def install() -> None:
    """Replace lm-eval's template environment by a sandbox, and bound this process's time and memory."""
    environment = ImmutableSandboxedEnvironment(
        loader=BaseLoader(), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["regex_replace"] = _regex_replace
    utils.env = environment
    for what, most in ((resource.RLIMIT_CPU, CPU_S), (resource.RLIMIT_AS, MEMORY_BYTES)):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, hard))


def _regex_replace(text: Any, pattern: str, replacement: str, count: int = 0) -> str:
    return re.sub(pattern, replacement, text, count=count)
