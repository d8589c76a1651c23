"""Set before Django reads its settings (a plug-in, since conftest.py comes too late): no test writes into ./data."""

import os
import tempfile

os.environ["EVALHUB_DATA"] = tempfile.mkdtemp(prefix="evalhub-test-")
os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.pop("EVALHUB_MODE", None)
if "EVALHUB_TEST_REDIS_URL" in os.environ:
    os.environ["REDIS_URL"] = os.environ["EVALHUB_TEST_REDIS_URL"]
