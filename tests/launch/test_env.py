"""The environment: production refuses to start half-configured."""

from pathlib import Path

import pytest

from evalhub import env


def test_embedded_needs_nothing_and_keeps_its_key(tmp_path: Path) -> None:
    first = env.read({"EVALHUB_DATA": str(tmp_path)})
    assert first.secret_key == env.read({"EVALHUB_DATA": str(tmp_path)}).secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert first.secret_key not in repr(first)


def test_production_names_everything_that_is_missing() -> None:
    with pytest.raises(
        env.BadEnvironment, match="SECRET_KEY, DATABASE_URL, REDIS_URL, ALLOWED_HOSTS, EVALHUB_URL"
    ):
        env.read({"EVALHUB_MODE": "production"})


def test_production_never_runs_in_debug_mode() -> None:
    names = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "EVALHUB_URL")
    read = env.read({"EVALHUB_MODE": "production", "EVALHUB_DEBUG": "1", **dict.fromkeys(names, "x")})
    assert not read.debug


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(env.BadEnvironment, match="'prodution'; it must be one of"):
        env.read({"EVALHUB_MODE": "prodution"})


def test_a_redis_socket_fits_the_kernel(tmp_path: Path) -> None:
    assert env.redis_socket(tmp_path) == tmp_path / "redis" / "redis.sock"
    long = env.redis_socket(tmp_path / ("x" * 100))
    assert len(str(long)) <= env.LONGEST_SOCKET_PATH
    assert long != env.redis_socket(tmp_path / ("y" * 100))
