"""What the person asked for on the command line, and the environment it makes for every process."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from evalhub import env


@dataclass(frozen=True)
class Options:
    data: Path
    port: int
    once: bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def parse(argv: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="scripts/run",
        description="Start EvalHub here: start what is missing, evaluate two small models, show the board.",
    )
    parser.add_argument(
        "--once", action="store_true", help="stop after the board; its last line is one JSON object"
    )
    parser.add_argument(
        "--port", type=_port, default=8000, metavar="N", help="port of the web pages (default 8000)"
    )
    default = Path(os.environ.get("EVALHUB_DATA") or env.PROJECT / "data")
    parser.add_argument(
        "--data", type=Path, default=default, metavar="DIR", help="folder with all state (default ./data)"
    )
    given = parser.parse_args(argv)
    return Options(data=given.data.expanduser().resolve(), port=given.port, once=given.once)


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port; choose a number from 1 to 65535, such as 8000"
        )
    return int(text)


def to_environment(options: Options) -> None:
    """Set what evalhub.env reads, here and so in every process that is started from here."""
    os.environ["EVALHUB_DATA"] = str(options.data)
    os.environ["EVALHUB_URL"] = options.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "evalhub.settings"
    os.environ.setdefault(
        "GOMP_SPINCOUNT", "1000"
    )  # llama.cpp's OpenMP threads spin and starve their neighbours
