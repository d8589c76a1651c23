"""What a first start makes: accounts, two endpoints for the embedded models, a suite and its board. Safe to repeat."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from evalhub.accounts.models import User
from evalhub.boards.models import Board
from evalhub.endpoints.models import Endpoint
from evalhub.launch.folder import free_port
from evalhub.launch.plan import ModelServer
from evalhub.runs.models import Run
from evalhub.runs.services import start_run
from evalhub.suites.models import Suite
from evalhub.suites.services import compose_version
from workers.executors.base import RunSettings

ACCOUNTS = {"admin": "admin", "evaluator": "evaluator", "author": "author", "candidate": "candidate"}
SUITE = "llm-engineer-basics"
RECIPE: dict[str, Any] = {
    "sources": [
        {"source": "bank", "kinds": ["single_choice"], "difficulty": [1, 3], "per_topic": 1, "per_track": 4},
        {"source": "bank", "kinds": ["numeric"], "difficulty": [1, 3], "per_topic": 1, "per_track": 1},
    ]
}


@dataclass(frozen=True)
class DemoModel:
    """An embedded model as an endpoint, and how its run asks."""

    server: str
    endpoint: str
    provider: str
    model: str
    is_base: bool
    settings: RunSettings
    notes: str


MODELS = (
    DemoModel(
        server="smollm2",
        endpoint="smollm2-135m-instruct",
        provider="openai_chat",
        model="SmolLM2-135M-Instruct",
        is_base=False,
        settings=RunSettings(method="chat", temperature=0.0, max_tokens=24, constrained=True, seed=20260101),
        notes="135 M parameters, 4 bits, on this machine's CPU. For demonstration: far below any model in use.",
    ),
    DemoModel(
        server="gemma3",
        endpoint="gemma-3-270m-base",
        provider="llama_cpp",
        model="gemma-3-270m",
        is_base=True,
        settings=RunSettings(method="letters", temperature=0.0, max_tokens=24, stop=("\n",), seed=20260101),
        notes="270 M parameters, base model, 4 bits, on this machine's CPU. Choices are read from letter probabilities.",
    ),
)


@transaction.atomic
def create_accounts() -> dict[str, str]:
    """The demo accounts that are missing, with the one-time password of each (shown now, never again)."""
    passwords = {}
    for name, role in ACCOUNTS.items():
        if User.objects.filter(username=name).exists():
            continue
        passwords[name] = "-".join(secrets.token_hex(2) for _ in range(4))
        is_admin = role == "admin"
        user = User(username=name, is_staff=is_admin, is_superuser=is_admin, has_one_time_password=True)
        user.set_password(passwords[name])
        user.save()
        user.groups.add(Group.objects.get(name=role))
    return passwords


def model_servers(data: Path) -> list[ModelServer]:
    """The embedded models with a port each, the same ports as last time where they were noted."""
    path = data / "models" / "ports.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    ports = {model.server: known.get(model.server) or free_port() for model in MODELS}
    path.write_text(json.dumps(ports))
    return [ModelServer(name, port) for name, port in ports.items()]


def create_endpoints(servers: list[ModelServer]) -> None:
    """One endpoint a model server; an existing one follows its server's port."""
    owner = User.objects.get(username="evaluator")
    ports = {server.name: server.port for server in servers}
    for model in MODELS:
        address = f"http://127.0.0.1:{ports[model.server]}/v1"
        defaults = {
            "provider": model.provider,
            "base_url": address,
            "model": model.model,
            "is_base": model.is_base,
            "is_embedded": True,
            "allow_private": True,
            "max_in_flight": 2,
            "preset": "llama_cpp",
            "quirks": {"grammar_field": "grammar"},
            "notes": model.notes,
            "owner": owner,
            "is_public": True,
        }
        endpoint, is_new = Endpoint.objects.get_or_create(name=model.endpoint, defaults=defaults)
        if not is_new and endpoint.base_url != address:
            Endpoint.objects.filter(pk=endpoint.pk).update(base_url=address)


def create_suite() -> None:
    owner = User.objects.get(username="evaluator")
    suite, _ = Suite.objects.get_or_create(
        slug=SUITE,
        defaults={
            "title_zh": "大模型工程师基础",
            "title_en": "LLM engineer basics",
            "description_zh": "从题库九个方向各取选择题与数值题，中英文成对；中英两个版本按同一簇计算误差。",
            "description_en": "Choice and numeric questions from all nine tracks of the bank, each in Chinese and English; "
            "the two languages of a question count as one cluster.",
            "recipe": RECIPE,
            "owner": owner,
            "is_public": True,
        },
    )
    Board.objects.get_or_create(
        slug=SUITE,
        defaults={
            "title_zh": "大模型工程师基础",
            "title_en": "LLM engineer basics",
            "suite": suite,
            "columns": [],
            "owner": owner,
            "is_public": True,
        },
    )


def first_runs() -> list[Run]:
    """The demo's runs: started where a model has none on the suite, else the latest of each, as it stands."""
    suite = Suite.objects.get(slug=SUITE)
    runs = []
    for model in MODELS:
        endpoint = Endpoint.objects.get(name=model.endpoint)
        last = Run.objects.filter(endpoint=endpoint, suite_version__suite=suite).order_by("-id").first()
        runs.append(last or _start(endpoint, suite, model.settings))
    return runs


def _start(endpoint: Endpoint, suite: Suite, settings: RunSettings) -> Run:
    version = compose_version(suite=suite)
    return start_run(
        endpoint=endpoint, suite_version=version, owner=suite.owner, settings=settings, is_public=True
    )
