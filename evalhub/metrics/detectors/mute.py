"""Nothing was said: no text, or only special tokens that mark an end."""

from __future__ import annotations

import re

from evalhub.metrics.detectors.output import Finding, Output

_SPECIAL = re.compile(
    r"<\|[^|<>]{1,40}\|>|</?s>|<eos>|<bos>|<pad>|<end_of_turn>|\[/?INST\]|<｜[^｜]{1,40}｜>"
)


def detect(output: Output) -> Finding | None:
    """Empty text, white space, or nothing but special tokens."""
    if not output.text.strip():
        return Finding("the answer is empty")
    if not _SPECIAL.sub("", output.text).strip():
        return Finding(f"only special tokens: {output.text.strip()[:60]!r}")
    return None
