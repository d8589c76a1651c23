"""A gate as JSON and as lines of text, for CI: the same numbers as the seesaw board."""

from typing import Any

from evalhub.boards.lineage import CheckpointGate, Seesaw
from evalhub.stats.gates import CapabilityVerdict, Verdict

EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 2}


def gate_as_dict(board: Seesaw, gate: CheckpointGate) -> dict[str, Any]:
    """One checkpoint's verdicts in JSON types. Shares 0..1; no data is null. `alpha_spent`: on this look."""
    lines, rule, report = board.lines, board.rule, gate.report
    names = {row.code: row.name for row in board.rows}
    return {
        "verdict": str(gate.verdict),
        "exit_code": EXIT_CODES[gate.verdict],
        "lineage": lines.lineage.name,
        "parent": {"endpoint": lines.parent.endpoint.name, "run": lines.parent.pk},
        "checkpoint": {
            "endpoint": gate.look.endpoint.name,
            "step": gate.look.endpoint.step,
            "run": gate.look.run.pk,
        },
        "suite": lines.version.suite.slug,
        "suite_version": lines.version.number,
        "content_hash": lines.version.content_hash,
        "look": gate.look.number,
        "looks_planned": rule.looks,
        "margin": rule.margin,
        "alpha": rule.alpha,
        "alpha_spent": None if report is None else report.alpha,
        "capabilities": []
        if report is None
        else [_capability(found, names[found.name], board.keys[found.name]) for found in report.capabilities],
    }


def gate_as_text(board: Seesaw, gate: CheckpointGate) -> str:
    """One line a capability and the verdict, for a build's log."""
    found = gate_as_dict(board, gate)
    lines = [
        f"{found['checkpoint']['endpoint']} against {found['parent']['endpoint']}, {found['suite']} "
        f"v{found['suite_version']}, look {found['look']}, margin {found['margin'] * 100:g} points, "
        f"alpha {found['alpha']:g}"
        + ("" if found["alpha_spent"] is None else f" ({found['alpha_spent']:.4g} spent here)")
    ]
    lines += [_line(capability) for capability in found["capabilities"]]
    if gate.report is None:
        lines.append(f"look {found['look']} is beyond the {found['looks_planned']} planned: no alpha is left")
    return "\n".join([*lines, found["verdict"]])


def _capability(found: CapabilityVerdict, name: str, keys: tuple[str, ...]) -> dict[str, Any]:
    difference, rate = found.difference, found.negative_flips
    return {
        "code": found.name,
        "name": name,
        "verdict": str(found.verdict),
        "difference": None
        if difference is None
        else {
            "value": difference.diff,
            "low": difference.interval.low,
            "high": difference.interval.high,
            "level": difference.interval.level,
            "n": difference.n,
            "method": difference.interval.method,
        },
        "p_pass": found.p_pass,
        "p_fail": found.p_fail,
        "negative_flips": None
        if rate is None
        else {
            "count": len(found.flips.lost),
            "rate": rate.estimate,
            "low": rate.low,
            "high": rate.high,
            "n": rate.n,
            "method": rate.method,
            "items": [keys[place] for place in found.flips.lost],
        },
    }


def _line(capability: dict[str, Any]) -> str:
    difference = capability["difference"]
    head = f"{capability['verdict']:<12} {capability['name']}"
    if difference is None:
        return f"{head}: no shared item"
    low, high = difference["low"] * 100, difference["high"] * 100
    return (
        f"{head}: {difference['value'] * 100:+.1f} points ({low:+.1f} to {high:+.1f}, n = {difference['n']}, "
        f"{difference['method']}), {capability['negative_flips']['count']} lost"
    )
