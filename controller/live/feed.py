"""Watchers of a cluster: who they are, how far each has come, and when they end.

What they are told is read by ``reader``, once a process. A watcher only remembers its number.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from controller.live.hub import Hub, hub
from controller.live.reader import Entry, Reader

TIMEOUT = 30.0
"""Seconds after which a watcher that takes nothing from its connection is dropped."""

log = logging.getLogger(__name__)


class Tail:
    """One watcher's way through the changes of a cluster. ``number`` is the last one that it got."""

    def __init__(self, reader: Reader, number: int) -> None:
        self._reader, self.number = reader, number
        self._over = False
        self._task = asyncio.current_task()
        self._giving_since: float | None = None

    async def next(self, patience: float) -> list[Entry] | None:
        """Return what changed next: at least one entry, none after ``patience`` seconds, None at the end.

        Raises Gone if the log that is kept begins later.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        self._giving_since = None
        while not (self._over or self._reader.over):
            news = self._reader.news
            found = self._reader.after(self.number)
            if found is None:
                found = await self._reader.from_log(self.number)
            if found:
                self.number = found[-1].number
                self._giving_since = loop.time()
                return found
            try:
                async with asyncio.timeout_at(until):
                    await news.wait()
            except TimeoutError:
                return []
        return None

    def end(self) -> None:
        """End the watch, whatever still changes."""
        self._over = True
        self._reader.tell()

    def look(self) -> None:
        """End the watcher's request if its client has not taken what it was given for too long."""
        since, now = self._giving_since, asyncio.get_running_loop().time()
        if since is not None and now - since > TIMEOUT and self._task:
            log.info("A watcher that does not read is dropped.")
            self._giving_since = None
            self._task.cancel()


class Feed:
    """The watchers of a process. Lives in one event loop."""

    def __init__(self, notified: Hub) -> None:
        self.loop = asyncio.get_running_loop()
        self.ended = False
        self._hub = notified
        self._tails: dict[Tail, Reader] = {}

    def tail(self, cluster: int, number: int) -> Tail:
        """Return the changes of a cluster after a number, for one watcher: the task that asks."""
        reader = self._hub.reader(cluster, number)
        tail = Tail(reader, number)
        reader.join(tail)
        self._tails[tail] = reader
        if self.ended:
            tail.end()
        return tail

    def leave(self, tail: Tail) -> None:
        """Forget a watcher."""
        if reader := self._tails.pop(tail, None):
            reader.leave(tail)

    def end(self) -> None:
        """End all watches, also those that come: the server stops, and clients resume elsewhere or later."""
        self.ended = True
        for tail in self._tails:
            tail.end()


class _Process:
    """What this process has one of."""

    feed: Feed | None = None


def feed() -> Feed:
    """Return the feed of this process; the first call starts it in the running event loop."""
    loop = asyncio.get_running_loop()
    if _Process.feed is None or _Process.feed.loop is not loop:
        _Process.feed = Feed(hub())
        _end_with_the_server(_Process.feed)
    return _Process.feed


def _end_with_the_server(running: Feed) -> None:
    """End watches as soon as the server is told to stop: it waits for them before it does."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if not callable(before) or before is signal.default_int_handler:
            continue

        def stop(
            number: int, frame: FrameType | None, before: Callable[[int, FrameType | None], Any] = before
        ) -> None:
            running.loop.call_soon_threadsafe(running.end)
            before(number, frame)

        signal.signal(number, stop)
