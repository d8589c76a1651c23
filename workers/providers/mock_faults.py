"""Faults on demand: how the mock misbehaves, said in one line and the same every time.

A spec is a comma-separated list of `NAME[=ARGUMENT]WHEN`, where WHEN is one of
- `:RATE`        at this rate; each retry of a prompt draws anew (`429=2:0.05` one in twenty, Retry-After 2)
- `~TEXT`        always, for prompts that contain TEXT (`500~poison`)
- `#FIRST-LAST`  for the requests with these numbers, counted from 1 (`429=1#1-10`)
The first entry that applies wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workers.providers.mock_answers import unit_draw

FAULTS: Mapping[str, str] = {
    "429": "429 with Retry-After (argument: seconds, default 1)",
    "429bare": "429 without Retry-After",
    "quota": "429 with the code insufficient_quota",
    "402": "402, account empty",
    "401": "401, key refused",
    "403": "403, not allowed",
    "404": "404, model not found",
    "400": "400, invalid request",
    "413": "413, request too large",
    "filter": "400 with the code content_filter",
    "filtered": "200, no text, finish_reason content_filter",
    "500": "500",
    "502": "502 with an HTML page",
    "503": "503",
    "529": "529, overloaded",
    "redirect": "307 to another host",
    "reset": "connection reset before any byte",
    "cut": "connection cut in the middle of the body",
    "hang": "never answers",
    "drip": "one byte every 0.2 s, without end",
    "malformed": "200 with JSON that stops in the middle",
    "html": "200 with a web page",
    "nochoices": "200 with an empty list of choices",
    "nan": "200 with NaN where a number belongs",
    "null": "200 with null for a text",
    "empty": "200 with an empty text",
    "huge": "200 with a body of so many MiB (argument, default 200)",
    "gzip": "200 with a small gzip body that unpacks to 64 MiB",
    "think": "200 whose reasoning never ends",
}
_ENTRY = re.compile(r"(?P<name>\w+)(?:=(?P<argument>[\d.]+))?(?:(?P<how>[:~#])(?P<when>.+))?")


class FaultSpecError(ValueError):
    """A fault spec that cannot be read; the message shows the entry and the cure."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave, when it applies, and its argument (NaN-free, None where not given)."""

    name: str
    argument: float | None = None
    rate: float = 0.0
    text: str = ""
    first: int = 0
    last: int = 0


def parse_faults(spec: str) -> tuple[Fault, ...]:
    """Read a spec. Raises FaultSpecError.

    >>> parse_faults("429=2:0.05")[0]
    Fault(name='429', argument=2.0, rate=0.05, text='', first=0, last=0)
    """
    return tuple(_parse_entry(entry.strip()) for entry in spec.split(",") if entry.strip())


def _parse_entry(entry: str) -> Fault:
    found = _ENTRY.fullmatch(entry)
    if found is None or found["name"] not in FAULTS:
        raise FaultSpecError(
            f"Cannot read the fault {entry!r}. Write NAME[=ARGUMENT]:RATE with one of {', '.join(FAULTS)}."
        )
    argument = float(found["argument"]) if found["argument"] else None
    how, when = found["how"], found["when"]
    try:
        if how == "~":
            return Fault(found["name"], argument, text=when)
        if how == "#":
            first, _, last = when.partition("-")
            return Fault(found["name"], argument, first=int(first), last=int(last or first))
        return Fault(found["name"], argument, rate=float(when) if when else 1.0)
    except ValueError:
        raise FaultSpecError(
            f"Cannot read {when!r} in the fault {entry!r}: a rate is 0 to 1, a range 3-7."
        ) from None


def choose_fault(faults: tuple[Fault, ...], *, seed: int, prompt: str, nth: int, number: int) -> Fault | None:
    """The fault of this request: the `nth` for this prompt (from 1), the `number`-th in all.

    Rates draw from prompt and `nth` alone, so the order between prompts does not matter.
    """
    for fault in faults:
        if fault.text:
            applies = fault.text in prompt
        elif fault.first:
            applies = fault.first <= number <= fault.last
        else:
            applies = unit_draw(seed, fault.name, prompt, nth) < fault.rate
        if applies:
            return fault
    return None
