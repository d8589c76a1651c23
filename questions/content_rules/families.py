"""The parametric families, checked over seeds: what each renders is a sound question, and its two ways
agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from questions.content_rules.check import Fault, question_problems
from questions.content_rules.loading import Taxonomy
from questions.families.base import Family, render, sample
from questions.kinds.base import KindError

SEEDS = range(20)
_SAME = 1e-9  # relative distance at which two ways of working out the same number disagree


def family_faults(
    families: Iterable[tuple[str, Family]], taxonomy: Taxonomy, taken: Collection[str] = ()
) -> list[Fault]:
    """Every fault of every (name, family), each message once a family and naming the first seed that shows it.

    `taken` are the ids of the written questions: a family with one of them would replace it in the bank.
    """
    faults = []
    for name, family in families:
        seen: dict[tuple[str, str], int] = {}
        for seed in SEEDS:
            for fault in _rendering_problems(family, seed, taxonomy):
                seen.setdefault(fault, seed)
        faults += [
            Fault("families", name, path, f"{message} (first at seed {seed})")
            for (path, message), seed in seen.items()
        ]
        if name in taken:
            faults.append(
                Fault("families", name, "id", "is the id of a written question as well; rename the family")
            )
        if name != family.id:
            faults.append(Fault("families", name, "id", f"is {family.id!r}; register it under its own id"))
    return faults


def _rendering_problems(family: Family, seed: int, taxonomy: Taxonomy) -> list[tuple[str, str]]:
    try:
        body = render(family, seed)
        params = sample(family, seed)
        value, other = family.solve(params).value, float(family.verify(params))
    except (KindError, ArithmeticError, ValueError, KeyError) as error:
        return [("", f"cannot be rendered: {error!r}; mend its parameters or `accept`")]
    found = [(problem.path, problem.message) for problem in question_problems(body, taxonomy)]
    if not family.low <= value <= family.high:
        found.append(("value", f"leaves [{family.low:g}, {family.high:g}]; widen the bounds or mend `solve`"))
    if abs(value - other) > _SAME * max(abs(value), abs(other)):
        found.append(("value", "differs between `solve` and `verify`; one of them is wrong"))
    return found
