"""The answer ran into the token limit (finish_reason = length)."""

from __future__ import annotations

from evalhub.metrics.detectors.output import Finding, Output


def detect(output: Output) -> Finding | None:
    """Flag a cut answer, except where the request wanted so few tokens that every answer is cut."""
    if output.finish_reason == "length" and not output.is_cut_expected:
        return Finding(f"cut by the token limit after {len(output.text)} characters")
    return None
