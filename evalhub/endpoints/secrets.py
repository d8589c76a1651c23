"""API keys by name: from the environment, or from a file only its owner can read. Keys are never stored in rows or logged."""

import os
import re
import stat
from pathlib import Path

from django.conf import settings

from evalhub.errors import NotReady

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class SecretMissing(NotReady):
    """No usable key of this name; the message says where it may be put."""


def read_secret(name: str) -> str:
    """The key called `name`; '' for no name. Raises SecretMissing, whose message never holds the key.

    Looked up as environment variable EVALHUB_SECRET_<NAME> (upper case, - becomes _), then as the file
    secrets/<name> in the data folder, which must be mode 600.
    """
    if not name:
        return ""
    if not _NAME.fullmatch(name):
        raise SecretMissing(f"{name!r} cannot name a key; use letters, digits, - and _, at most 80.")
    variable = f"EVALHUB_SECRET_{name.upper().replace('-', '_')}"
    value = os.environ.get(variable, "").strip()
    return value or _from_file(Path(settings.DATA_DIR) / "secrets" / name, variable)


def _from_file(path: Path, variable: str) -> str:
    try:
        mode = path.stat().st_mode
        if mode & _OTHERS:
            raise SecretMissing(
                f"The key file {path} has mode {stat.S_IMODE(mode):o}, so others can read it. Run: chmod 600 {path}"
            )
        value = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise SecretMissing(
            f"No key: neither the environment variable {variable} nor the file {path} exists. "
            f"Set the one, or put the key into the other and chmod 600 it."
        ) from None
    except OSError as error:
        raise SecretMissing(
            f"The key file {path} cannot be read: {error.strerror}. Check its owner and mode."
        ) from error
    if not value:
        raise SecretMissing(f"The key file {path} is empty. Put the key into it.")
    return value
