"""The one place in a web process that hears of changes, whoever made them and wherever.

Redis nudges it within milliseconds. Because a nudge may be lost, and Redis may be away, it also has
every cluster that somebody views looked at once a second: without Redis everything is a little later,
and nothing else. What changed is always read from the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import orjson
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from controller.live import notices
from controller.live.follower import Follower
from controller.live.frames import Notice, encode
from controller.live.mailbox import Mailbox
from controller.live.publish import channel

LOOK = 1.0
"""Seconds between two looks at a cluster that nobody nudged for."""

RETRY = 0.5
"""Seconds until Redis is tried again."""

log = logging.getLogger(__name__)


class Hub:
    """The followers of a process and what stirs them. Lives in one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.ears: set[Callable[[int | None], None]] = set()
        """Others who want to know: called with a cluster that changed, or with None to look at all."""
        self._followers: dict[int, Follower] = {}
        self._tasks = [asyncio.create_task(each) for each in (self._listen(), self._overhear(), self._look())]

    def join(self, cluster: int, person: str = "") -> Mailbox:
        """Return a mailbox for a person that gets a snapshot of the cluster and then every frame."""
        box = Mailbox(person)
        self.resync(cluster, box)
        return box

    def resync(self, cluster: int, box: Mailbox) -> None:
        """Send a snapshot to a client that has missed something."""
        follower = self._followers.get(cluster)
        if follower is None:
            follower = self._followers[cluster] = Follower(cluster)
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
        await asyncio.gather(*self._tasks, *(each.close() for each in self._followers.values()),
                             return_exceptions=True)  # fmt: skip
        self._followers.clear()
        self.ears.clear()

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (RedisError, OSError) as error:
                log.info("Redis is away; changes show up to a second later: %s", error)
                await asyncio.sleep(RETRY)

    async def _overhear(self) -> None:
        while True:
            try:
                await self._hear_notices()
            except (RedisError, OSError):
                await asyncio.sleep(RETRY)

    async def _hear_notices(self) -> None:
        layer = notices.layer()
        mine = await layer.new_channel()
        await layer.group_add(notices.GROUP, mine)
        while True:
            said = await layer.receive(mine)
            follower = self._followers.get(said["cluster"])
            if follower:
                frame = encode(Notice(person=said["person"], code=said["code"], facts=said["facts"]))
                follower.pass_on(frame, but=said["person"])

    async def _hear(self) -> None:
        # No timeout of the socket: a quiet channel is no fault.
        redis = Redis.from_url(settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=2)
        async with redis, redis.pubsub() as ears:
            await ears.subscribe(channel())
            async for message in ears.listen():
                if message["type"] == "subscribe":
                    self._stir_all()
                elif message["type"] == "message":
                    self._stir(orjson.loads(message["data"])["cluster"])

    def _stir_all(self) -> None:
        for follower in self._followers.values():
            follower.stir()
        for ear in tuple(self.ears):
            ear(None)

    def _stir(self, cluster: int) -> None:
        if cluster in self._followers:
            self._followers[cluster].stir()
        for ear in tuple(self.ears):
            ear(cluster)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            for cluster in [cluster for cluster, each in self._followers.items() if each.idle()]:
                await self._followers.pop(cluster).close()
            self._stir_all()


class _Process:
    """What this process has one of."""

    hub: Hub | None = None


def hub() -> Hub:
    """Return the hub of this process; the first call starts it in the running event loop."""
    loop = asyncio.get_running_loop()
    if _Process.hub is None or _Process.hub.loop is not loop:
        _Process.hub = Hub()
    return _Process.hub
