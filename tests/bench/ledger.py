"""Watches an instance's database from outside, so that what is timed is what another process can read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIMEOUT = 600.0  # seconds


class Ledger:
    """A read connection of its own to the SQLite file."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    def one(self, sql: str, *values: object) -> int:
        """Return the single number that a query finds, 0 for none."""
        found = self._rows.execute(sql, values).fetchone()
        return int(found[0] or 0) if found else 0

    def text(self, sql: str, *values: object) -> str:
        """Return the single text that a query finds, "" for none."""
        found = self._rows.execute(sql, values).fetchone()
        return str(found[0]) if found else ""

    def row(self, sql: str, *values: object) -> tuple[Any, ...]:
        """Return the first row that a query finds. Raises LookupError if there is none."""
        found = self._rows.execute(sql, values).fetchone()
        if found is None:
            raise LookupError(sql)
        return tuple(found)

    @staticmethod
    def now() -> float:
        """Return this moment as ``until`` tells it."""
        return time.perf_counter()

    def until(self, condition: Callable[[], bool], *, pause: float) -> float:
        """Return the moment (of ``time.perf_counter``) of the commit after which ``condition`` holds.

        ``pause`` is how many seconds lie between two looks. Asking whether anything was committed costs
        microseconds; the condition is asked only then.
        """
        end, known = time.perf_counter() + TIMEOUT, None
        while (now := time.perf_counter()) < end:
            version = self.one("PRAGMA data_version")
            if version != known:
                known = version
                if condition():
                    return now
            time.sleep(pause)
        raise TimeoutError

    def settled(self, cluster: int) -> float:
        """Return the moment after which nothing is left to do in a cluster."""
        quiet = "SELECT planned = number AND due IS NULL FROM controller_cluster WHERE id = ?"
        return self.until(lambda: bool(self.one(quiet, cluster)), pause=0.005)
