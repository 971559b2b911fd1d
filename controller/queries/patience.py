"""How long somebody waits for what is played out: in seconds of its own work.

So the answer hardly depends on what else the machine does.
"""

from __future__ import annotations

import time

BUSY = 3
"""So many times as long it may take by the clock where others keep the machine busy."""


class Patience:
    """Seconds of work that are left, of the thread that made it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._worked, self._began = time.thread_time(), time.monotonic()

    def lasts(self, share: float = 1.0) -> bool:
        """Return whether some are left, of all of them or of a first share."""
        work, wait = time.thread_time() - self._worked, time.monotonic() - self._began
        return max(work, wait / BUSY) < share * self._seconds
