"""The seeded chaos run as a test: EVALHUB_CHAOS_FAULTS faults (default 40), on the database the suite runs on."""

import json
import os
import subprocess

import pytest
from django.conf import settings

from benchmarks.rig import PROJECT

pytestmark = pytest.mark.live
SEED = 20261122


def test_nothing_is_lost_and_nothing_counted_twice():
    faults = os.environ.get("EVALHUB_CHAOS_FAULTS", "40")
    command = [PROJECT / "scripts" / "chaos", "--faults", faults, "--seed", str(SEED), "--json"]
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        command += ["--database", os.environ["DATABASE_URL"]]
    clean = {name: value for name, value in os.environ.items() if name != "EVALHUB_DATA"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, env=clean)
    assert done.stdout, done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert (found["lost"], found["duplicated"], found["budget_overrun"]) == (0, 0, 0), found
    assert all(found["invariants"].values()), found
    assert done.returncode == 0
