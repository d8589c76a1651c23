from typing import Any

from django.core.management.base import BaseCommand

from questions.bank.services import load_shipped


class Command(BaseCommand):
    help = "Load the shipped bank (questions/content, questions/families). Safe to repeat: only what changed is versioned."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_shipped()
        self.stdout.write(
            f"bank: {loaded.added} added, {loaded.changed} changed, "
            f"{loaded.unchanged} unchanged, {loaded.retired} retired"
        )
