"""Checkpoints of a lineage against a parent, capability by capability: one-sided paired non-inferiority.

A capability is a track. Every finished run of a checkpoint on the suite version is a look, in the order in which they
finished, whoever may see it: asking again until it passes spends alpha as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from evalhub.boards.comparison import Compared, cut_names
from evalhub.boards.matrix import score_matrix
from evalhub.endpoints.models import Endpoint, Lineage
from evalhub.errors import Invalid, NotReady
from evalhub.runs.models import Run
from evalhub.stats.gates import (
    Capability,
    CapabilityVerdict,
    GateReport,
    Spending,
    Verdict,
    non_inferiority,
)
from evalhub.suites.models import Item, SuiteVersion

MOST_CHECKPOINTS = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """What is acceptable, fixed before looking. `margin`: the largest loss, in score units (0.02 = 2 points).

    `alpha`: over all looks together; `looks`: how many are planned, None for an open-ended lineage.
    """

    margin: float = 0.02
    alpha: float = 0.05
    looks: int | None = None
    spending: Spending = "even"


@dataclass(frozen=True, slots=True)
class Look:
    """A checkpoint's latest finished run; `number`: which look of the lineage on this suite version it is, from 1."""

    endpoint: Endpoint
    run: Run
    number: int


@dataclass(frozen=True, slots=True)
class Lines:
    """What can be compared: a parent's run and the checkpoints' looks on one suite version, by step."""

    lineage: Lineage
    parent: Run
    version: SuiteVersion
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The finished runs around a lineage in the order in which they finished, and which of them the reader may see."""

    runs: tuple[Run, ...]
    visible: frozenset[int]

    def seen(self) -> list[Run]:
        return [run for run in self.runs if run.pk in self.visible]


@dataclass(frozen=True, slots=True)
class CheckpointGate:
    """One checkpoint's verdicts. `report` is None where more looks were taken than planned: no alpha is left."""

    look: Look
    report: GateReport | None

    @property
    def verdict(self) -> Verdict:
        return Verdict.INCONCLUSIVE if self.report is None else self.report.verdict


@dataclass(frozen=True, slots=True)
class SeesawRow:
    """A capability over the checkpoints, in their order; None where no alpha was left."""

    code: str
    name: str
    cells: tuple[CapabilityVerdict | None, ...]


@dataclass(frozen=True, slots=True)
class Seesaw:
    """The board: capabilities as rows, checkpoints as columns. `keys`: the items' keys, in the order of flips."""

    lines: Lines
    rule: Rule
    rows: tuple[SeesawRow, ...]
    gates: tuple[CheckpointGate, ...]
    keys: Mapping[str, tuple[str, ...]]


def finished_runs(lineage: Lineage, parent: str = "", user: Any = None) -> Finished:
    """Finished runs of the lineage's checkpoints and of `parent`, an endpoint's name. Two queries.

    user None: the command line, which sees everything.
    """
    around = Q(endpoint__lineage=lineage)
    if parent:
        around |= Q(endpoint__name=parent)
    runs = tuple(Run.objects.finished().filter(around).with_names().order_by("finished_at", "pk"))
    ids = [run.pk for run in runs]
    if user is not None:
        ids = list(Run.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    return Finished(runs, frozenset(ids))


def default_parent(lineage: Lineage, found: Finished) -> str:
    """The name of the earliest checkpoint with a run that may be seen; empty where there is none."""
    checkpoints = {run.endpoint for run in found.seen() if run.endpoint.lineage_id == lineage.pk}
    return min(checkpoints, key=_step).name if checkpoints else ""


def versions(lineage: Lineage, parent: str, found: Finished) -> list[SuiteVersion]:
    """Suite versions on which both the parent and a checkpoint have a run, the last used first."""
    asked: dict[int, SuiteVersion] = {}
    of_parent, of_checkpoints = set(), set()
    for run in reversed(found.seen()):
        asked.setdefault(run.suite_version_id, run.suite_version)
        if run.endpoint.name == parent:
            of_parent.add(run.suite_version_id)
        elif run.endpoint.lineage_id == lineage.pk:
            of_checkpoints.add(run.suite_version_id)
    return [version for pk, version in asked.items() if pk in of_parent & of_checkpoints]


def lines_of(lineage: Lineage, parent: str, version: SuiteVersion, found: Finished) -> Lines:
    """The parent's latest run and each later checkpoint's, numbered by looks, in the order of their steps."""
    origin = next((run.endpoint for run in found.runs if run.endpoint.name == parent), None)
    parent_run: Run | None = None
    looks: dict[int, Look] = {}
    number = 0
    for run in found.runs:
        if run.suite_version_id != version.pk or _is_earlier(run.endpoint, origin):
            continue
        if run.endpoint.name == parent:
            parent_run = run if run.pk in found.visible else parent_run
            continue
        number += 1
        if run.pk in found.visible:
            looks[run.endpoint_id] = Look(run.endpoint, run, number)
    if parent_run is None or not looks:
        raise NotReady(
            _(
                "%(parent)s and the checkpoints of %(lineage)s have no finished run on %(version)s in common. Start them."
            )
            % {"parent": parent, "lineage": lineage.name, "version": version}
        )
    ordered = sorted(looks.values(), key=lambda look: _step(look.endpoint))
    return Lines(lineage, parent_run, version, tuple(ordered[-MOST_CHECKPOINTS:]))


def only(lines: Lines, checkpoint: str = "") -> Lines:
    """The same with one checkpoint: the named one, or the last by step."""
    if not checkpoint:
        return replace(lines, looks=lines.looks[-1:])
    looks = tuple(look for look in lines.looks if look.endpoint.name == checkpoint)
    if not looks:
        raise Invalid(
            _("%(name)s has no finished run on %(version)s; choose one of: %(names)s.")
            % {
                "name": checkpoint,
                "version": lines.version,
                "names": ", ".join(look.endpoint.name for look in lines.looks),
            },
            field="checkpoint",
        )
    return replace(lines, looks=looks)


def seesaw(lines: Lines, rule: Rule) -> Seesaw:
    """Every verdict of these checkpoints. Four queries, whatever their number."""
    runs = (lines.parent, *(look.run for look in lines.looks))
    rows = list(
        Item.objects.filter(version=lines.version).order_by("position").values_list("track", "topic", "key")
    )
    matrix = score_matrix(lines.version.pk, [run.pk for run in runs])
    compared = Compared(runs, matrix, tuple(row[0] for row in rows), tuple(row[1] for row in rows))
    names = cut_names(compared).tracks
    if "" in compared.tracks:
        names = {**names, "": _("items without a track")}
    gates = tuple(
        CheckpointGate(look, _report(compared, column, look.number, tuple(names), rule))
        for column, look in enumerate(lines.looks, start=1)
    )
    keys = {code: tuple(row[2] for row in rows if row[0] == code) for code in names}
    return Seesaw(lines, rule, _rows(names, gates), gates, keys)


def _report(
    compared: Compared, column: int, look: int, codes: Sequence[str], rule: Rule
) -> GateReport | None:
    if rule.looks is not None and look > rule.looks:
        return None
    capabilities = [_capability(compared, column, code, rule.margin) for code in codes]
    return non_inferiority(capabilities, rule.alpha, look, rule.looks, rule.spending)


def _capability(compared: Compared, column: int, code: str, margin: float) -> Capability:
    places = [place for place, track in enumerate(compared.tracks) if track == code]
    scores = compared.matrix.scores[places]
    clusters = [compared.matrix.clusters[place] for place in places]
    return Capability(code, scores[:, 0], scores[:, column], margin, clusters)


def _rows(names: Mapping[str, str], gates: Sequence[CheckpointGate]) -> tuple[SeesawRow, ...]:
    found = [
        {} if gate.report is None else {verdict.name: verdict for verdict in gate.report.capabilities}
        for gate in gates
    ]
    return tuple(
        SeesawRow(code, name, tuple(column.get(code) for column in found)) for code, name in names.items()
    )


def _is_earlier(endpoint: Endpoint, parent: Endpoint | None) -> bool:
    """Whether it comes before the parent in the parent's own lineage."""
    if parent is None or endpoint.lineage_id != parent.lineage_id or parent.step is None:
        return False
    return endpoint.step is not None and endpoint.step < parent.step


def _step(endpoint: Endpoint) -> tuple[bool, int, str]:
    """By training step; one without a step comes last, by name."""
    return endpoint.step is None, endpoint.step or 0, endpoint.name
