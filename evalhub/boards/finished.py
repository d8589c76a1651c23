"""Finished runs to choose from, grouped by what was asked."""

from dataclasses import dataclass
from typing import Any

from evalhub.runs.models import Run
from evalhub.suites.models import SuiteVersion

MOST = 200


@dataclass(frozen=True, slots=True)
class VersionRuns:
    """Finished runs of one suite version, the newest first."""

    version: SuiteVersion
    runs: tuple[Run, ...]


def finished_groups(user: Any, version_id: int | None = None, *, least: int = 1) -> list[VersionRuns]:
    """The newest 200 finished runs this person may see, by suite version; groups smaller than `least` are left out.

    One query.
    """
    rows = Run.objects.visible_to(user).finished().with_names().order_by("-pk")
    if version_id is not None:
        rows = rows.filter(suite_version=version_id)
    groups: dict[int, list[Run]] = {}
    for run in rows[:MOST]:
        groups.setdefault(run.suite_version_id, []).append(run)
    return [VersionRuns(runs[0].suite_version, tuple(runs)) for runs in groups.values() if len(runs) >= least]
