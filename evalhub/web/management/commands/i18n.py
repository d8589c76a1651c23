from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evalhub.web import catalogue


class Command(BaseCommand):
    help = "Collect the messages of code and templates into evalhub/locale and compile them; fails while one has no Chinese."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        missing = catalogue.update()
        if missing:
            words = "\n".join(f"  {message.text!r}" for message in missing)
            raise CommandError(
                f"{len(missing)} messages have no Chinese in {catalogue.PO}. Write it there, then run this again:\n{words}"
            )
        self.stdout.write(f"{catalogue.PO}: every message has its Chinese.")
