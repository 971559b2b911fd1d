"""The one place in a web process that hears of changes, whoever made them and wherever.

Redis nudges it within milliseconds. Because a nudge may be lost, and Redis may be away, it also has
every cluster that somebody views looked at once a second: without Redis everything is a little later,
and nothing else. What changed is always read from the log.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from functools import partial

import orjson
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from controller.live import notices
from controller.live.follower import Follower
from controller.live.frames import Notice, encode
from controller.live.mailbox import Mailbox
from controller.live.publish import channel
from controller.live.reader import LogThread, Reader
from controller.live.supervise import supervised
from controller.store import views

LOOK = 1.0
"""Seconds between two looks at a cluster that nobody nudged for."""

RETRY = 0.5
"""Seconds until Redis is tried again."""

NOW = sys.maxsize
"""A number that no cluster reaches: who begins there begins with what is next."""

log = logging.getLogger(__name__)


class Hub:
    """The readers of a process, what notifies them, and who follows for pages. Lives in one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._thread = LogThread()
        self._readers: dict[int, Reader] = {}
        self._followers: dict[int, Follower] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._tasks = [
            supervised("listening for nudges", self._listen),
            supervised("listening for notices", self._listen_for_notices),
            supervised("the look every second", self._look),
        ]

    def reader(self, cluster: int, number: int) -> Reader:
        """Return who reads the log of a cluster; one that begins does so after a number, if that is near."""
        reader = self._readers.get(cluster)
        if reader is None or reader.over:
            reader = self._readers[cluster] = Reader(cluster, self._thread, number)
        return reader

    def join(self, cluster: int, person: str = "") -> Mailbox:
        """Return a mailbox for a person that gets a snapshot of the cluster and then every frame."""
        box = Mailbox(person, partial(self.resync, cluster))
        self.resync(cluster, box)
        return box

    def resync(self, cluster: int, box: Mailbox) -> None:
        """Send a snapshot to a client that has missed something."""
        follower = self._followers.get(cluster)
        if follower is None:
            follower = self._followers[cluster] = Follower(cluster, self.reader(cluster, NOW))
        follower.ask(box)

    def leave(self, cluster: int, box: Mailbox) -> None:
        """Send nothing more to a client."""
        box.close()
        if cluster in self._followers:
            self._followers[cluster].leave(box)

    async def close(self) -> None:
        """Stop listening and end all clients' frames."""
        for task in self._tasks:
            task.cancel()
        closing = [*self._closing, *(each.close() for each in self._followers.values())]
        await asyncio.gather(*self._tasks, *closing, return_exceptions=True)
        for reader in self._readers.values():
            reader.close()
        self._followers.clear()
        self._readers.clear()
        self._thread.close()

    async def _listen(self) -> None:
        while True:
            try:
                await self._follow_nudges()
            except (RedisError, OSError) as error:
                log.info("Redis is away; changes show up to a second later: %s", error)
                await asyncio.sleep(RETRY)

    async def _listen_for_notices(self) -> None:
        while True:
            try:
                await self._follow_notices()
            except (RedisError, OSError):
                await asyncio.sleep(RETRY)

    async def _follow_notices(self) -> None:
        layer = notices.layer()
        mine = await layer.new_channel()
        await layer.group_add(notices.GROUP, mine)
        while True:
            message = await layer.receive(mine)
            follower = self._followers.get(message["cluster"])
            if follower:
                frame = encode(Notice(person=message["person"], code=message["code"], facts=message["facts"]))
                follower.pass_on(frame, but=message["person"])

    async def _follow_nudges(self) -> None:
        # No timeout of the socket: a quiet channel is no fault.
        redis = Redis.from_url(settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=2)
        async with redis, redis.pubsub() as nudges:
            await nudges.subscribe(channel())
            async for message in nudges.listen():
                if message["type"] == "subscribe":
                    self._notify_all()
                elif message["type"] == "message":
                    told = orjson.loads(message["data"])
                    if told.get("gone"):
                        views.forget(told["cluster"])
                    self._notify(told["cluster"])

    def _notify_all(self) -> None:
        for reader in self._readers.values():
            reader.notify()

    def _notify(self, cluster: int) -> None:
        if cluster in self._readers:
            self._readers[cluster].notify()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self._forget_idle()
            self._notify_all()
            for reader in self._readers.values():
                for listener in tuple(reader.listeners):
                    listener.look()

    def _forget_idle(self) -> None:
        """Let go of readers and followers that nobody needs.

        Asking and letting go are one step, so nobody can join in between: who comes later gets a follower
        of their own. What a thread still reads for the old one is waited for elsewhere.
        """
        for cluster, reader in tuple(self._readers.items()):
            if reader.idle():
                self._readers.pop(cluster).close()
        for cluster, follower in tuple(self._followers.items()):
            if follower.idle():
                del self._followers[cluster]
                closing = asyncio.create_task(follower.close())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)


class _Process:
    """What this process has one of."""

    hub: Hub | None = None


def hub() -> Hub:
    """Return the hub of this process; the first call starts it in the running event loop."""
    loop = asyncio.get_running_loop()
    if _Process.hub is None or _Process.hub.loop is not loop:
        _Process.hub = Hub()
    return _Process.hub
