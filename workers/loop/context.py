"""What a worker must know of a run to work on its shards, read once."""

from dataclasses import dataclass

from evalhub.endpoints.services import target_for
from evalhub.runs.models import Run
from evalhub.runs.pricing import Prices
from workers.executors.base import Executor, RunSettings
from workers.executors.registry import EXECUTORS
from workers.providers.base import Target


@dataclass(frozen=True, slots=True)
class RunContext:
    """A run, its endpoint and its settings. `limit` is the most requests this worker keeps in flight there."""

    run_id: int
    suite_version_id: int
    endpoint_id: int
    priority: int
    repeats: int
    prices: Prices
    has_budget: bool
    limit: int
    settings: RunSettings
    executor: Executor
    target: Target


def load_context(run_id: int) -> RunContext:
    """Read the run. Raises SecretMissing, SettingsError or UnknownEntry where it cannot be worked on here."""
    run = Run.objects.select_related("endpoint").get(pk=run_id)
    settings = RunSettings.from_dict(run.settings)
    return RunContext(
        run_id=run.pk,
        suite_version_id=run.suite_version_id,
        endpoint_id=run.endpoint_id,
        priority=run.priority,
        repeats=run.repeats,
        prices=Prices(run.input_price, run.output_price),
        has_budget=run.budget_nano is not None,
        limit=run.endpoint.max_in_flight,
        settings=settings,
        executor=EXECUTORS.get(settings.method),
        target=target_for(run.endpoint),
    )
