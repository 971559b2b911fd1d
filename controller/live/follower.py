"""Follows one cluster for all of a process's clients that look at it.

Its changes come from the cluster's reader, and what they look like from the delta source, in a thread;
here is only who is told, and how often.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from channels.db import database_sync_to_async

from controller.live.delta_source import DeltaSource, Frames
from controller.live.mailbox import Mailbox
from controller.live.reader import Reader
from controller.live.supervise import report, supervised

PACE = 0.1
"""Seconds between two deltas while there is always more: what changes meanwhile goes into one."""

BURST = 2
"""After a quiet time so many deltas follow the first at once: an edit, and what a pass makes of it."""

RETRY = 1.0
"""Seconds until a cluster that could not be read is tried again."""

LINGER = 30.0
"""Seconds for which a cluster is followed without clients: they come back with the next page."""

log = logging.getLogger(__name__)


class Paces:
    """How long to wait after each delta: few are told a second, but none is late after a quiet time."""

    def __init__(self) -> None:
        self._rested_at = 0.0

    def after(self, now: float) -> float:
        """Note a delta that was told at a moment; return the seconds until the next one may be."""
        self._rested_at = max(self._rested_at, now) + PACE
        return max(0.0, self._rested_at - now - BURST * PACE)


class Follower:
    """One cluster and the mailboxes of its clients. Lives in one event loop."""

    def __init__(self, cluster: int, reader: Reader) -> None:
        self._cluster, self._reader = cluster, reader
        reader.join(self)
        self._source = DeltaSource(cluster)
        self._boxes: set[Mailbox] = set()
        self._askers: asyncio.Queue[Mailbox] = asyncio.Queue()
        self._asked: set[Mailbox] = set()
        self._turn = asyncio.Lock()
        self._left_at = asyncio.get_running_loop().time()
        self._tasks = [
            supervised(f"telling of cluster {cluster}", self._tell),
            supervised(f"snapshots of cluster {cluster}", self._answer),
        ]

    def ask(self, box: Mailbox) -> None:
        """Send a snapshot to a client, and from then on every delta. Asking twice is asking once."""
        if box not in self._asked:
            self._asked.add(box)
            self._askers.put_nowait(box)

    def leave(self, box: Mailbox) -> None:
        """Send nothing more to a client."""
        box.close()
        self._boxes.discard(box)
        self._left_at = asyncio.get_running_loop().time()

    def pass_on(self, text: str, *, but: str) -> None:
        """Send an encoded frame at once, to everybody but one person."""
        for box in self._boxes:
            if box.person != but:
                box.offer(text)

    def look(self) -> None:
        """Do nothing: its clients' mailboxes are bounded, whoever does not read."""

    def idle(self) -> bool:
        """Whether nobody has looked at the cluster for a while."""
        quiet = asyncio.get_running_loop().time() - self._left_at
        return not self._boxes and not self._asked and quiet > LINGER

    async def close(self) -> None:
        """End all clients' frames, and come back when the threads are done with the cluster."""
        self._reader.leave(self)
        async with self._turn:
            for task in self._tasks:
                task.cancel()
        for box in (*self._boxes, *self._asked):
            self.leave(box)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self) -> None:
        paces, clock = Paces(), asyncio.get_running_loop()
        while True:
            more = self._reader.news
            frames = await self._turned() if self._reader.row or self._reader.over else Frames()
            if frames is None:
                await asyncio.sleep(RETRY)
                continue
            if frames.frames:
                await asyncio.sleep(paces.after(clock.time()))
            await more.wait()

    async def _turned(self) -> Frames | None:
        """Hand out what is new; return it, None if that could not be read."""
        async with self._turn:
            number = self._source.number
            lines = self._reader.lines(number) if number is not None else []
            news = await self._read(partial(self._source.news, self._reader.row, lines))
            if news:
                for box in tuple(self._boxes):
                    self._hand_out(news, box)
        return news

    async def _answer(self) -> None:
        while True:
            box = await self._askers.get()
            try:
                done = box.closed or await self._give_snapshot(box)
            except Exception:
                self._askers.put_nowait(box)  # to be answered when this has been started again
                raise
            self._asked.discard(box)
            if not done:
                await asyncio.sleep(RETRY)
                self.ask(box)

    async def _give_snapshot(self, box: Mailbox) -> bool:
        async with self._turn:
            news = await self._read(self._source.snapshot)
            if news and not box.closed:
                self._boxes.add(box)
                self._hand_out(news, box)
            return news is not None

    async def _read(self, what: Callable[[], Frames]) -> Frames | None:
        """Read in a thread; None if that failed."""
        try:
            return await database_sync_to_async(what, thread_sensitive=False)()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            report(log, f"Cluster {self._cluster} could not be read", error)
            self._begin_anew()
            return None

    def _hand_out(self, news: Frames, box: Mailbox) -> None:
        for frame in news.frames:
            if news.whole:
                box.offer_snapshot(frame)
            else:
                box.offer(frame)
        if news.over:
            self.leave(box)

    def _begin_anew(self) -> None:
        """Forget what was told, and ask for a snapshot in the name of everybody: nothing follows on it."""
        self._source.forget()
        for box in self._boxes:
            self.ask(box)
        self._boxes.clear()
