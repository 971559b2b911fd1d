"""Which Redis server is run when REDIS_URL names none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dashboard import redis_server


def test_the_systems_own_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A server on PATH wins over the one that came by pip, and Valkey over Redis."""
    for name in ("redis-server", "valkey-server"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find() == str(tmp_path / "valkey-server")


def test_one_came_by_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a machine without a server the packaged one is found, and runs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    told = subprocess.run([redis_server.find(), "--version"], check=True, capture_output=True, text=True)
    assert "v=9.1.2" in told.stdout
