"""One suite of benchmarks of every shape, run twice through the real claim loop; and what simple_evaluate says of it.

Everything slow happens once a module: lm-eval takes seconds to import, so all of it is asked in five child processes.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.world import make_endpoint
from evalhub.endpoints.models import Endpoint
from evalhub.runs.models import Answer, Run
from evalhub.runs.services import start_run
from evalhub.suites.models import Suite
from evalhub.suites.services import compose_version
from tests.lm_harness.definitions import CONFIGS, DATA, GENERATED, QUIRKS
from workers import finishing
from workers.benchmarks import process
from workers.gateway.gateway import Gateway
from workers.gateway.limiter.local import LocalLimiter
from workers.loop import ClaimLoop, Pace
from workers.loop.loop import Wiring

NAME = "parity"
FEW = {"benchmark": "mc_default_sampler", "num_fewshot": 1, "limit": 5}
ALL_TOPS = [
    name
    for name in (config.get("group", config["task"]) for config in CONFIGS)
    if name not in ("mc_acc", "mc_norm", "mc_binary", "gen_exact", "gen_two_filters", "pair")
]
needs_lm_eval = pytest.mark.skipif(
    not process.is_installed(), reason="lm-eval is not installed (requirements/benchmarks.txt)"
)


@dataclass(frozen=True)
class Parity:
    """The two runs (plain text, chat) and what simple_evaluate says: [plain, chat, few shots and a limit]."""

    plain: Run
    chat: Run
    reference: list[dict[str, Any]]


@pytest.fixture(scope="session")
def reference_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path]]:
    """simple_evaluate at work beside us."""
    folder = tmp_path_factory.mktemp("reference")
    asked, answered = folder / "asked.json", folder / "answered.json"
    calls = [
        {"tasks": ALL_TOPS, "chat": False},
        {"tasks": GENERATED, "chat": True},
        {"tasks": ["mc_default_sampler"], "chat": False, "num_fewshot": 1, "limit": 5},
    ]
    asked.write_text(json.dumps({"calls": calls, "configs": CONFIGS, "data": DATA, "quirks": QUIRKS}))
    script = Path(__file__).with_name("reference.py")
    with open(folder / "words", "wb") as words:
        started = subprocess.Popen(
            [sys.executable, str(script), str(asked), str(answered)],
            cwd=folder,
            env=process.environment(),
            stdout=words,
            stderr=words,
        )
        yield started, answered
        started.kill()
        started.wait()


@pytest.fixture(scope="module")
def parity(
    reference_process: tuple[Any, Path], django_db_setup: None, django_db_blocker: Any
) -> Iterator[Parity]:
    with django_db_blocker.unblock():
        try:
            plain, chat = _run_twice()
            started, answered = reference_process
            assert started.wait(300) == 0, answered.with_name("words").read_text()[-2000:]
            yield Parity(plain, chat, json.loads(answered.read_text()))
        finally:  # outside of any test's transaction: what stays would be seen by all other tests
            runs = Run.objects.filter(endpoint__name=NAME)
            Answer.objects.filter(run__in=runs).delete()
            runs.delete()
            Suite.objects.filter(slug=NAME).delete()
            Endpoint.objects.filter(name=NAME).delete()


def _run_twice() -> tuple[Run, Run]:
    """The suite in plain text and as chat, asked and scored."""
    own = {"configs": CONFIGS, "data": DATA}
    recipe = {"sources": [{"source": "lm_eval", **own}, {"source": "lm_eval", **own, **FEW}]}
    suite = Suite.objects.create(slug=NAME, title_en="Parity", title_zh="对照", recipe=recipe)
    version = compose_version(suite=suite)
    endpoint = make_endpoint(NAME, quirks=QUIRKS)
    plain = start_run(endpoint=endpoint, suite_version=version, owner=None, settings={"chat_template": False})
    chat = start_run(endpoint=endpoint, suite_version=version, owner=None, settings={})
    work_until_idle()
    for run in (plain, chat):
        assert finishing.finish(run.pk)
        run.refresh_from_db()
    return plain, chat


def work_until_idle() -> None:
    wiring = Wiring(
        lambda worker: LocalLimiter(),
        lambda limiter, ledger, budget: Gateway(limiter=limiter, ledger=ledger, budget=budget),
        lambda run: None,
    )
    loop = ClaimLoop("eval_api", wiring, Pace(control_s=0.05, poll_s=0.2, group_s=0.1))
    asyncio.run(asyncio.wait_for(loop.run(until_idle=True), 60))
