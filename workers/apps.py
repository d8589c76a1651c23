"""Makes our Celery app current in web, shell and tests, with evalhub/__init__.py left empty."""

from importlib import import_module

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "workers"
    label = "workers"

    def ready(self) -> None:
        import_module("workers.celery")
