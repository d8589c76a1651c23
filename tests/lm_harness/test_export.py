"""What is exported, lm_eval runs unchanged, with its own command and a model of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from evalhub.suites.models import Suite
from evalhub.suites.services import compose_version
from questions.bank.services import load_shipped
from tests.lm_harness.conftest import needs_lm_eval
from tests.lm_harness.definitions import CONFIGS, DATA
from workers.benchmarks import process

pytestmark = pytest.mark.django_db
BANK = {"source": "bank", "tracks": ["F"], "per_topic": 2, "languages": ["en"]}
OWN = ("mc_default_sampler", "gen_first_n", "roll_bits", "mc_many_inputs")


@needs_lm_eval
def test_lm_eval_runs_it_unchanged(tmp_path: Path) -> None:
    load_shipped()
    own = {
        "configs": [config for config in CONFIGS if config.get("task") in OWN],
        "data": {name: DATA[name] for name in OWN},
    }
    recipe = {"sources": [BANK, {**BANK, "kinds": ["long_text"]}, {"source": "lm_eval", **own}]}
    suite = Suite.objects.create(slug="to-go", title_en="To go", title_zh="外带", recipe=recipe)
    version = compose_version(suite=suite)
    call_command("suite_export", "to-go", tmp_path / "task")
    written = {path.stem: path.read_text().count("\n") for path in (tmp_path / "task").glob("*.jsonl")}
    assert sum(written.values()) == version.item_count
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "lm_eval",
            "run",
            "--model",
            "dummy",
            "--tasks",
            "evalhub_to_go",
            "--include_path",
        ]
        + [str(tmp_path / "task"), "--output_path", str(tmp_path / "out"), "--log_samples"],
        cwd=tmp_path,
        env=process.environment(tmp_path / "cache"),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads(next((tmp_path / "out").rglob("results_*.json")).read_text())
    assert {name: found["effective"] for name, found in results["n-samples"].items()} == written
    prompts = [
        json.loads(line)["arguments"]["gen_args_0"]["arg_0"]
        for line in next((tmp_path / "out").rglob("samples_*_gen_first_n_3shot_*.jsonl"))
        .read_text()
        .splitlines()
    ]
    asked = [
        item.spec["requests"][0]["prompt"]
        for item in version.items.filter(spec__benchmark__task="gen_first_n")
    ]
    assert prompts == asked


def test_an_unknown_suite_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no version of a suite 'nothing'"):
        call_command("suite_export", "nothing", tmp_path)
