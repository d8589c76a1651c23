"""What can be wrong with a benchmark, told to the person who asked for it."""

from __future__ import annotations


class BenchmarkError(ValueError):
    """A benchmark that cannot be built or scored; the message says what was wrong, the value seen and the cure."""


class NotInstalled(BenchmarkError):
    """The lm-eval package is not there."""
