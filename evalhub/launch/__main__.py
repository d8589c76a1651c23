"""`scripts/run` after the install: `python -m evalhub.launch [--once] [--port N] [--data DIR]`."""

import importlib
import sys

from evalhub.launch import folder, options, orphans


def main(argv: list[str]) -> int:
    chosen = options.parse(argv)
    folder.prepare(chosen.data)
    with folder.locked(chosen.data):
        orphans.stop(chosen.data)
        folder.require_port(chosen.port)
        options.to_environment(chosen)
        session = importlib.import_module(
            "evalhub.launch.session"
        )  # reads the settings: after the environment
        code: int = session.run(chosen)
        return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
