"""A board as CSV, JSON and Markdown: the same numbers as the page, each with n, interval and method.

Text that a spreadsheet could read as a formula gets an apostrophe in front (OWASP, CSV injection).
"""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from evalhub.boards.queries import BoardTable, Line
from evalhub.runs.estimates import Estimate

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """The text, led by an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def as_csv(table: BoardTable) -> str:
    records = [_flat(line) for line in table.lines]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(_flat_names()), lineterminator="\r\n")
    writer.writeheader()
    for record in records:
        writer.writerow(
            {name: harmless(value) if isinstance(value, str) else value for name, value in record.items()}
        )
    return out.getvalue()


def as_json(table: BoardTable) -> str:
    board = table.board
    version = board.suite_version
    return json.dumps(
        {
            "board": board.slug,
            "title": {"zh-Hans": board.title_zh, "en": board.title_en},
            "suite": board.suite.slug,
            "suite_version": version.number if version else None,
            "content_hash": version.content_hash if version else None,
            "refreshed_at": board.refreshed_at.isoformat() if board.refreshed_at else None,
            "chance": table.chance,
            "rows": [_nested(line) for line in table.lines],
            "tracks": [
                {
                    "endpoint": line.endpoint,
                    "scores": {t.code: _estimate(s) for t, s in zip(table.tracks, line.scores, strict=True)},
                }
                for line in table.track_lines
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def as_markdown(table: BoardTable) -> str:
    lines = [
        f"# {_cell(table.board.title)}",
        "",
        "| rank | endpoint | ties | score % | interval | n | method | cost | tokens | p50 s | p95 s |",
        "|---|---|---|---:|---|---:|---|---:|---:|---:|---:|",
    ]
    for line in table.lines:
        score = line.score
        cells = [
            _rank(line),
            _cell(line.endpoint),
            line.letters,
            f"{score.value * 100:.1f}" if score else "n/a",
            f"{score.low * 100:.1f}–{score.high * 100:.1f}"
            if score and score.low is not None and score.high is not None
            else "n/a",
            str(score.n) if score else "n/a",
            score.method if score else "n/a",
            f"{line.cost_nano / 1e9:.4f} {line.currency}",
            str(line.tokens),
            _seconds(line.latency_p50),
            _seconds(line.latency_p95),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _flat_names() -> list[str]:
    names = ["rank_low", "rank_high", "letters", "endpoint", "model", "run"]
    names += [f"score{part}" for part in _PARTS]
    names += [
        f"{rate}{part}" for rate in ("truncated", "empty", "refused", "invalid", "failed") for part in _PARTS
    ]
    return [*names, "chance", "expected", "tokens", "cost", "currency", "latency_p50_s", "latency_p95_s"]


_PARTS = ("", "_low", "_high", "_n", "_method")


def _flat(line: Line) -> dict[str, Any]:
    record: dict[str, Any] = {
        "rank_low": line.rank_low,
        "rank_high": line.rank_high,
        "letters": line.letters,
        "endpoint": line.endpoint,
        "model": line.model,
        "run": line.run_id,
        "chance": line.chance,
        "expected": line.expected,
        "tokens": line.tokens,
        "cost": line.cost_nano / 1e9,
        "currency": line.currency,
        "latency_p50_s": line.latency_p50,
        "latency_p95_s": line.latency_p95,
    }
    for name, estimate in (("score", line.score), *((rate.name, rate.estimate) for rate in line.rates)):
        values = _estimate(estimate) or {}
        for part, key in zip(_PARTS, ("value", "low", "high", "n", "method"), strict=True):
            record[f"{name}{part}"] = values.get(key)
    return record


def _nested(line: Line) -> dict[str, Any]:
    return {
        "endpoint": line.endpoint,
        "model": line.model,
        "run": line.run_id,
        "rank": None if line.rank_low is None else [line.rank_low, line.rank_high],
        "letters": line.letters,
        "score": _estimate(line.score),
        "rates": {rate.name: _estimate(rate.estimate) for rate in line.rates},
        "expected": line.expected,
        "tokens": line.tokens,
        "cost": line.cost_nano / 1e9,
        "currency": line.currency,
        "latency_p50_s": line.latency_p50,
        "latency_p95_s": line.latency_p95,
    }


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
        "method": estimate.method,
    }


def _rank(line: Line) -> str:
    if line.rank_low is None:
        return "n/a"
    return str(line.rank_low) if line.rank_low == line.rank_high else f"{line.rank_low}–{line.rank_high}"


def _seconds(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"


def _cell(text: str) -> str:
    return harmless(text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " "))


EXPORTS: dict[str, tuple[str, Callable[[BoardTable], str]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
    "md": ("text/markdown; charset=utf-8", as_markdown),
}
"""Suffix -> (content type, writer)."""
