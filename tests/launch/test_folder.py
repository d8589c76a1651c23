"""Every way a start can go wrong ends in one message with the cure."""

import os
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from evalhub.launch import folder, options, orphans

Usage = namedtuple("Usage", "total used free")


def test_makes_the_folder_with_its_parts(tmp_path: Path) -> None:
    folder.prepare(tmp_path / "new" / "data")
    assert {path.name for path in (tmp_path / "new" / "data").iterdir()} >= set(folder.FOLDERS)


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(SystemExit, match="is a file, not a folder"):
        folder.prepare(tmp_path / "data")


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _: Usage(10, 9, 1000))
    with pytest.raises(SystemExit, match="Free some space"):
        folder.prepare(tmp_path)


def test_an_unreadable_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evalhub.sqlite3").write_bytes(b"")
    monkeypatch.setattr(
        folder.os, "access", lambda *_: False
    )  # root may read everything, so permissions can't show it
    with pytest.raises(SystemExit, match="Give yourself read and write permission"):
        folder.prepare(tmp_path)


def test_a_taken_port_is_refused_with_a_free_one_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(SystemExit, match=rf"Port {port} cannot be used .*--port \d+"):
            folder.require_port(port)
    folder.require_port(folder.free_port())


def test_one_start_a_folder(tmp_path: Path) -> None:
    with (
        folder.locked(tmp_path),
        pytest.raises(SystemExit, match=f"already running on .*process {os.getpid()}"),
        folder.locked(tmp_path),
    ):
        pass
    with folder.locked(tmp_path):
        pass


@pytest.mark.parametrize("port", ["0", "70000", "web"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse(["--port", port])
    assert "is not a port" in capsys.readouterr().err


def test_orphans_of_this_folder_are_stopped_and_others_left(tmp_path: Path) -> None:
    sleeper = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    mark = {**os.environ, orphans.MARK: str(tmp_path)}
    ours = subprocess.Popen(sleeper, env=mark, stdout=subprocess.PIPE)
    other = subprocess.Popen(sleeper, env={**mark, orphans.MARK: "elsewhere"}, stdout=subprocess.PIPE)
    try:
        for process in (ours, other):
            assert process.stdout
            process.stdout.readline()
        assert orphans.stop(tmp_path) == 1
        assert not psutil.pid_exists(ours.pid)
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()
            assert process.stdout
            process.stdout.close()
