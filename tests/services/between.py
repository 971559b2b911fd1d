"""Steps in between the transactions of a large write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

stepped = pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere a driver begins transactions")
"""Marks what steps in between."""


class Between:
    """Calls ``act`` whenever a connection that it wraps is about to begin a transaction."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: object) -> object:
        """Pass a statement on."""
        if sql.startswith("BEGIN"):
            self._act()
        return execute(sql, *rest)
