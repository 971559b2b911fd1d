"""What waits to be sent to one client, bounded, so that a slow browser costs itself and nobody else."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

DEPTH = 16
"""Frames that wait at most."""


class Mailbox:
    """The frames of one client of a ``person``, in their order. Lives in one event loop.

    The oldest falls out when it is full, and ``resync`` asks for a snapshot as soon as the client reads
    again. That makes all that waits before it needless, and does not fall out itself.
    """

    def __init__(self, person: str = "", resync: Callable[[Mailbox], None] = lambda _box: None) -> None:
        self.person = person
        self._resync = resync
        self._waiting: deque[str] = deque()
        self._begins_whole = self._has_lost = False
        self.closed = False
        self.refused = False
        self._notified = asyncio.Event()

    def offer(self, text: str) -> None:
        """Put a frame at the end."""
        if len(self._waiting) == DEPTH:
            del self._waiting[1 if self._begins_whole else 0]
            self._has_lost = True
        self._waiting.append(text)
        self._notified.set()

    def offer_snapshot(self, text: str) -> None:
        """Put a frame that stands on its own in the place of all that waits."""
        self._waiting.clear()
        self._begins_whole, self._has_lost = True, False
        self._waiting.append(text)
        self._notified.set()

    def close(self) -> None:
        """Take no notice of later frames; what waits is still handed out."""
        self.closed = True
        self._notified.set()

    def refuse(self) -> None:
        """Hand out nothing any more, not even what waits: whose client it is may not know it."""
        self.refused = True
        self._waiting.clear()
        self.close()

    async def take(self) -> str | None:
        """Return the next frame as soon as there is one, or None at the end."""
        while not self._waiting:
            if self.closed:
                return None
            self._notified.clear()
            await self._notified.wait()
        self._begins_whole = False
        if self._has_lost and not self.closed:
            self._resync(self)  # not every frame has a number by which its client would miss it
        return self._waiting.popleft()
