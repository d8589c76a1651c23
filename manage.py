#!/usr/bin/env python
"""Django's command line: `python manage.py <command>`; all state lies in $EVALHUB_DATA (default ./data)."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evalhub.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed for this Python. Start with `scripts/run`, or use `.venv/bin/python manage.py`."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
