"""The manifest: what a third party needs to run it again, begun with the run and sealed when it is finished."""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.db import connection

from evalhub.endpoints.models import Endpoint
from evalhub.runs.models import Answer, Run
from evalhub.suites.models import SuiteVersion
from workers.executors.base import RENDERER, RunSettings

MANIFEST_VERSION = 1
PACKAGES = ("django", "celery", "httptools", "numpy", "scipy")
_HASH_CHUNK = 2000


def begin(endpoint: Endpoint, suite_version: SuiteVersion, settings: RunSettings) -> dict[str, Any]:
    """What is known before the first request: who is asked what, how, at what price."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "endpoint": {
            "name": endpoint.name,
            "provider": endpoint.provider,
            "base_url": endpoint.base_url,
            "model": endpoint.model,
            "quirks": endpoint.quirks,
        },
        "suite": {
            "slug": suite_version.suite.slug,
            "version": suite_version.number,
            "items": suite_version.item_count,
            "content_hash": suite_version.content_hash,
            "recipe": suite_version.recipe,
        },
        "settings": settings.as_dict(),
        "renderer": RENDERER,
        "prices": {
            "input_per_million": endpoint.input_price,
            "output_per_million": endpoint.output_price,
            "currency": endpoint.currency,
        },
    }


def seal(run: Run) -> dict[str, Any]:
    """The manifest with what was found out: versions, the models that answered, hashes of all requests and answers."""
    return {
        **run.manifest,
        "versions": {
            "python": platform.python_version(),
            "database": connection.vendor,
            **_package_versions(),
        },
        "models_reported": _models_reported(run),
        "counts": {
            name: getattr(run, name) for name in ("expected", "done", "failed", "quarantined", "cancelled")
        },
        "tokens": {"input": run.tokens_in, "output": run.tokens_out},
        "spent_nano": run.spent_nano,
        "possibly_billed_nano": run.reserved_nano,
        **_hashes(run),
    }


def _package_versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _models_reported(run: Run) -> list[str]:
    names = Answer.objects.filter(run=run).exclude(model_reported="").order_by()
    return sorted(names.values_list("model_reported", flat=True).distinct())


def _hashes(run: Run) -> dict[str, str]:
    """One digest over the requests, one over the answers, in item order: equal runs have equal digests (I7)."""
    requests, answers = hashlib.sha256(), hashlib.sha256()
    rows = (
        Answer.objects.filter(run=run)
        .order_by("item__position", "repeat")
        .values_list("item__key", "repeat", "request_hash", "outcome", "text")
    )
    for key, repeat, request_hash, outcome, text in rows.iterator(chunk_size=_HASH_CHUNK):
        requests.update(f"{key}|{repeat}|{request_hash}\n".encode())
        answers.update(f"{key}|{repeat}|{outcome}|{text}\n".encode("utf-8", "replace"))
    return {"requests_sha256": requests.hexdigest(), "answers_sha256": answers.hexdigest()}
