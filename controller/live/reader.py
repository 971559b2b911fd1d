"""Every change of a cluster to all in this process who follow it: the log is read once for all of them.

What was read last is kept for a while, each change with the forms it was sent in, so that many watchers
share the work. Who follows only remembers a number: one that is slow, or comes back from yesterday, goes
on from the log itself. Nothing is queued for anybody, so nothing can overflow.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

import orjson
from django.db import close_old_connections, connection

from controller import models
from controller.engine.errors import Gone, NotFound
from controller.engine.matching.selection import Facts
from controller.engine.objects import Manifest
from controller.live.supervise import report
from controller.store import log_reader, rows
from controller.store.log_reader import Line

T = TypeVar("T")
ClockFace = tuple[str, bool, float, float, float]
KEPT, ROOM = 2_000, 16 * 1024 * 1024
"""How many changes, and how many characters of them, are kept for those who are close."""
CHUNK = 200
"""How many changes are read at once."""
EACH, QUICKEST, SLOWEST = 0.00025, 0.002, 0.1
"""Seconds between two readings: so many for each follower, and the limits of that."""
RETRY = 1.0
"""Seconds until a cluster that could not be read is tried again."""
LINGER = 30.0
"""Seconds for which a cluster is read without followers: clients come back at once."""

log = logging.getLogger(__name__)


class Entry:
    """A change of the log, parsed and encoded once for all watchers, and only if one of them asks."""

    __slots__ = ("_facts", "_forms", "_manifest", "key", "line", "number", "text", "verb")

    def __init__(self, line: Line) -> None:
        self.line = line
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


class Listener(Protocol):
    """Who follows a cluster."""

    def look(self) -> None:
        """Do what is due once a second, such as to end what waits in vain."""


class LogThread:
    """The thread of a process that reads logs.

    It keeps its connection to the database: to open one takes longer than to read.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "log")

    async def run(self, what: Callable[[], T]) -> T:
        """Return what a function returns that uses the database and does not take long."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(self._kept, what))

    def close(self) -> None:
        """Close the connection, and let the thread end."""
        self._pool.submit(lambda: connection.close())  # noqa: PLW0108 - that thread's own
        self._pool.shutdown(wait=False)

    @staticmethod
    def _kept(what: Callable[[], T]) -> T:
        try:
            return what()
        finally:
            connection.close_at = None
            close_old_connections()  # one that broke


class Reader:
    """Reads the log of one cluster for all who follow it. Lives in one event loop.

    ``row`` is the cluster as it was last read. ``news`` is set, and replaced, whenever its log or its
    clock is different; ``over`` says that nothing follows.
    """

    def __init__(self, cluster: int, thread: LogThread, number: int) -> None:
        """Begin after a number, if that is not long ago."""
        self.listeners: set[Listener] = set()
        self.over = False
        self.row: models.Cluster | None = None
        self.news = asyncio.Event()
        self._cluster, self._thread, self._number = cluster, thread, number
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

    def lines(self, number: int) -> list[Line]:
        """Return all changes after a number that are kept, oldest first."""
        if not self._entries or number >= self._number:
            return []
        start = max(0, number + 1 - self._entries[0].number)
        return [entry.line for entry in self._entries[start:]]

    async def from_log(self, number: int) -> list[Entry]:
        """Return the next entries after a number. Raises Gone."""
        try:
            lines = await self._thread.run(partial(log_reader.lines, self._cluster, number, CHUNK))
        except NotFound:
            self.end()
            return []
        return [Entry(line) for line in lines]

    def notify(self) -> None:
        """Look at the cluster soon: something may have changed."""
        self._notified.set()

    def join(self, listener: Listener) -> None:
        """Read on for somebody."""
        self.listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        """Forget somebody."""
        self.listeners.discard(listener)
        self._left_at = asyncio.get_running_loop().time()

    def idle(self) -> bool:
        """Whether nobody has followed the cluster for a while."""
        return not self.listeners and asyncio.get_running_loop().time() - self._left_at > LINGER

    def end(self) -> None:
        """Tell everybody that nothing follows."""
        self.over = True
        self.tell()

    def close(self) -> None:
        """Tell everybody that nothing follows, and stop reading."""
        self.end()
        self._task.cancel()

    def tell(self) -> None:
        """Let everybody look again."""
        self.news.set()
        self.news = asyncio.Event()

    async def _read_on(self) -> None:
        back: int | None = KEPT
        while not self.over:
            try:
                if back is not None:
                    await self._begin(back)
                    back = None
                while await self._read() == CHUNK:
                    pass
            except NotFound:
                self.row = None
                self.end()
            except Gone:
                back = 0
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                report(log, f"Cluster {self._cluster} could not be read", error)
                await asyncio.sleep(RETRY)
                continue
            await self._notified.wait()
            self._notified.clear()

    async def _begin(self, back: int) -> None:
        """Begin at most so far back; who is behind that reads the log."""
        self.row = await self._thread.run(partial(_row, self._cluster))
        last = self.row.number
        self._entries, self._size = [], 0
        self._number = min(max(self._number, last - back), last)
        self.tell()

    async def _read(self) -> int:
        """Read on; return how many changes there were."""
        before, (row, lines) = self.row, await self._thread.run(self._next)
        self.row = row
        if lines:
            self._entries += map(Entry, lines)
            self._size += sum(len(line.text) for line in lines)
            self._number = lines[-1].number
            self._forget()
        if lines or (before and clock_face(before) != clock_face(row)):
            self.tell()
            await asyncio.sleep(min(SLOWEST, max(QUICKEST, EACH * len(self.listeners))))
        return len(lines)

    def _next(self) -> tuple[models.Cluster, list[Line]]:
        row = _row(self._cluster)
        if row.number <= self._number:
            return row, []
        return row, log_reader.lines(self._cluster, self._number, CHUNK, newest=row.number)

    def _forget(self) -> None:
        """Let go of the older half of what is kept as soon as it is too much."""
        while len(self._entries) > KEPT or (self._size > ROOM and len(self._entries) > 1):
            half = len(self._entries) // 2
            gone, self._entries = self._entries[:half], self._entries[half:]
            self._size -= sum(len(entry.text) for entry in gone)


def clock_face(row: models.Cluster) -> ClockFace:
    """Return what is told of a cluster when it changes: its name, and how its clock goes."""
    return (row.name, row.paused, row.speed, row.anchor_wall, row.anchor_cluster)


def _row(cluster: int) -> models.Cluster:
    row = rows.cluster_row(cluster)
    if row is None:
        raise NotFound("clusters", str(cluster))
    return row
