"""Every change of a cluster to all who watch it: the log is read once a process, however many there are.

What was read last is kept for a while, each change with the forms it was sent in, so that many watchers
share the work. A watcher only remembers its number: one that is slow, or comes back from yesterday, goes
on from the log itself. Nothing is queued for anybody, so nothing can overflow.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Hashable
from functools import partial
from types import FrameType
from typing import Any, TypeVar

import orjson
from channels.db import database_sync_to_async

from controller.engine.errors import Gone, NotFound
from controller.engine.matching.selection import Facts
from controller.engine.objects import Manifest
from controller.live.hub import Hub, hub
from controller.store import log as store_log
from controller.store import log_reader
from controller.store.log_reader import Line

T = TypeVar("T")
KEPT, ROOM = 2_000, 16 * 1024 * 1024
"""How many changes, and how many characters of them, are kept for watchers that are close."""
CHUNK = 200
"""How many changes are read at once."""
EACH, QUICKEST, SLOWEST = 0.00025, 0.005, 0.1
"""Seconds between two readings: so many for each watcher, and the limits of that."""
RETRY = 1.0
"""Seconds until a cluster that could not be read is tried again."""
LINGER = 30.0
"""Seconds for which a cluster is followed without watchers: clients come back at once."""
TIMEOUT = 30.0
"""Seconds after which a watcher that takes nothing from its connection is dropped."""

log = logging.getLogger(__name__)


class Entry:
    """A change of the log, parsed and encoded once for all watchers, and only if one of them asks."""

    __slots__ = ("_facts", "_forms", "_manifest", "key", "number", "text", "verb")

    def __init__(self, line: Line) -> None:
        self.number, self.key, self.verb, self.text = line.number, line.key, line.verb, line.text
        self._manifest: Manifest | None = None
        self._facts: Facts | None = None
        self._forms: dict[Hashable, bytes] = {}

    def parsed(self) -> Manifest:
        """Return the object."""
        if self._manifest is None:
            self._manifest = orjson.loads(self.text)
        return self._manifest

    def facts(self) -> Facts:
        """Return what selections look at."""
        if self._facts is None:
            self._facts = Facts.read(self.key[0], self.parsed())
        return self._facts

    def form(self, name: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return the change in the form of that name, made by whoever asks for it first."""
        made = self._forms.get(name)
        if made is None:
            made = self._forms[name] = make()
            self._manifest = None
        return made


class Tail:
    """One watcher's way through the changes of a cluster. ``number`` is the last one that it got."""

    def __init__(self, reader: Reader, number: int) -> None:
        self._reader, self.number = reader, number
        self._task = asyncio.current_task()
        self._giving_since: float | None = None

    async def next(self, patience: float) -> list[Entry] | None:
        """Return what changed next: at least one entry, none after ``patience`` seconds, None at the end.

        Raises Gone if the log that is kept begins later.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        self._giving_since = None
        while not self._reader.over:
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

    def drop_if_stuck(self) -> None:
        """End the watcher's request if its client has not taken what it was given for too long."""
        since, now = self._giving_since, asyncio.get_running_loop().time()
        if since is not None and now - since > TIMEOUT and self._task:
            log.info("A watcher that does not read is dropped.")
            self._giving_since = None
            self._task.cancel()


class Reader:
    """Reads the log of one cluster for all of its watchers. Lives in one event loop."""

    def __init__(self, cluster: int, number: int) -> None:
        self.tails: set[Tail] = set()
        self.over = False
        self.news = asyncio.Event()
        self._cluster, self._number = cluster, number
        self._entries: list[Entry] = []
        self._size = 0
        self._notified = asyncio.Event()
        self._left_at = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._read_on())

    def after(self, number: int) -> list[Entry] | None:
        """Return the next entries after a number; None if they have to be read from the log."""
        if number >= self._number:
            return []
        if not self._entries or self._entries[0].number > number + 1:
            return None
        start = number + 1 - self._entries[0].number
        return self._entries[start : start + CHUNK]

    async def from_log(self, number: int) -> list[Entry]:
        """Return the next entries after a number. Raises Gone."""
        try:
            lines = await _in_thread(partial(log_reader.lines, self._cluster, number, CHUNK))
        except NotFound:
            self.end()
            return []
        return [Entry(line) for line in lines]

    def notify(self) -> None:
        """Look at the cluster soon: something may have changed."""
        self._notified.set()

    def leave(self, tail: Tail) -> None:
        """Forget a watcher."""
        self.tails.discard(tail)
        self._left_at = asyncio.get_running_loop().time()

    def idle(self) -> bool:
        """Whether nobody has watched the cluster for a while."""
        return not self.tails and asyncio.get_running_loop().time() - self._left_at > LINGER

    def end(self) -> None:
        """End all watches."""
        self.over = True
        self._tell()

    def close(self) -> None:
        """End all watches and stop reading."""
        self.end()
        self._task.cancel()

    def _tell(self) -> None:
        self.news.set()
        self.news = asyncio.Event()

    async def _read_on(self) -> None:
        back: int | None = KEPT
        while not self.over:
            try:
                if back is not None:
                    await self._begin(back)
                    back = None
                while len(await self._read()) == CHUNK:
                    pass
            except NotFound:
                self.end()
            except Gone:
                back = 0
                continue
            except Exception:
                log.exception("The changes of cluster %s could not be read.", self._cluster)
                await asyncio.sleep(RETRY)
                continue
            await self._notified.wait()
            self._notified.clear()

    async def _begin(self, back: int) -> None:
        """Begin at most so far back; who is behind that reads the log."""
        last = await _in_thread(partial(store_log.last, self._cluster))
        self._entries, self._size = [], 0
        self._number = min(max(self._number, last - back), last)
        self._tell()

    async def _read(self) -> list[Line]:
        lines = await _in_thread(partial(log_reader.lines, self._cluster, self._number, CHUNK))
        if lines:
            self._entries += map(Entry, lines)
            self._size += sum(len(line.text) for line in lines)
            self._number = lines[-1].number
            self._forget()
            self._tell()
            await asyncio.sleep(min(SLOWEST, max(QUICKEST, EACH * len(self.tails))))
        return lines

    def _forget(self) -> None:
        """Let go of the older half of what is kept as soon as it is too much."""
        while len(self._entries) > KEPT or (self._size > ROOM and len(self._entries) > 1):
            gone, self._entries = (
                self._entries[: len(self._entries) // 2],
                self._entries[len(self._entries) // 2 :],
            )
            self._size -= sum(len(entry.text) for entry in gone)


class Feed:
    """The readers of a process. Lives in one event loop."""

    def __init__(self, nudged: Hub) -> None:
        self.loop = asyncio.get_running_loop()
        self._readers: dict[int, Reader] = {}
        self.ended = False
        nudged.listeners.add(self._on_change)

    def tail(self, cluster: int, number: int) -> Tail:
        """Return the changes of a cluster after a number, for one watcher: the task that asks."""
        reader = self._readers.get(cluster)
        if reader is None or reader.over:
            reader = self._readers[cluster] = Reader(cluster, number)
        tail = Tail(reader, number)
        reader.tails.add(tail)
        if self.ended:
            reader.close()
        return tail

    def leave(self, cluster: int, tail: Tail) -> None:
        """Forget a watcher."""
        if cluster in self._readers:
            self._readers[cluster].leave(tail)

    def end(self) -> None:
        """End all watches, also those that come: the server stops, and clients resume elsewhere or later."""
        self.ended = True
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _on_change(self, cluster: int | None) -> None:
        """Look at a cluster that changed or, at least once a second, at all of them."""
        if cluster is not None:
            if cluster in self._readers:
                self._readers[cluster].notify()
            return
        for each, reader in list(self._readers.items()):
            reader.notify()
            for tail in tuple(reader.tails):
                tail.drop_if_stuck()
            if reader.idle():
                self._readers.pop(each).close()


async def _in_thread(what: Callable[[], T]) -> T:
    return await database_sync_to_async(what, thread_sensitive=False)()


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
