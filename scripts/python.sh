# Sourced by the scripts: sets PYTHON to the newest Python that will do, or says what is missing.
PYTHON=
for candidate in "$here/.venv/bin/python" python3 python3.13 python3.12 python3.11 python3.14 python; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(not (sys.version_info >= (3, 11)))' 2>/dev/null; then
        PYTHON=$candidate
        break
    fi
done
if [ -z "$PYTHON" ]; then
    seen=$(python3 --version 2>&1 || echo "no Python")
    echo "EvalHub needs Python 3.11 or newer; found: $seen. Install it (for example: apt install python3.11, brew install python, or uv python install 3.12) and try again." >&2
    exit 2
fi
