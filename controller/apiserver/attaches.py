"""What a client sees that is attached to a program that reads nothing: its lines, as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from channels.db import database_sync_to_async

from controller.apiserver.execs import Exec
from controller.apiserver.logs import Source, lines_of
from controller.apiserver.session import ERROR, STDIN, STDOUT, exit_status
from controller.engine.container.logs import LogOptions
from controller.queries.containers import pod_seen
from controller.services.pods import pod_kill

INTERRUPT, SIGINT = b"\x03", 2


class Attachment:
    """A client that looks on. ``send`` sends a message; what comes is given to ``take``."""

    def __init__(self, asked: Exec, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._asked, self._send = asked, send
        self._gone = asyncio.Event()

    async def run(self) -> None:
        """Send lines until the container ends, or the client leaves."""
        following, leaving = asyncio.create_task(self._follow()), asyncio.create_task(self._gone.wait())
        try:
            await asyncio.wait({following, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                following.result()
                await self._send(bytes((ERROR,)) + orjson.dumps(exit_status(0)))
        finally:
            for task in (following, leaving):
                task.cancel()
            await asyncio.gather(following, leaving, return_exceptions=True)

    async def _follow(self) -> None:
        asked = self._asked
        seen = await database_sync_to_async(pod_seen, thread_sensitive=False)(
            cluster=asked.cluster, namespace=asked.namespace, name=asked.pod
        )
        source = await database_sync_to_async(Source.named, thread_sensitive=False)(
            asked.cluster, seen, asked.container
        )
        # Whoever started the pod to look on shall miss nothing; others join what goes on.
        options = LogOptions(tail=None if asked.stdin else 0)
        async for lines in lines_of(source, seen, options, follow=True):
            text = b"".join(line.render(timestamps=False) for line in lines)
            if asked.stdout:
                await self._send(bytes((STDOUT,)) + (text.replace(b"\n", b"\r\n") if asked.tty else text))

    async def take(self, message: bytes) -> None:
        """Take a message of the client: Ctrl-C on a terminal interrupts the program."""
        asked = self._asked
        if asked.tty and asked.stdin and message[:1] == bytes((STDIN,)) and INTERRUPT in message[1:]:
            await database_sync_to_async(pod_kill, thread_sensitive=False)(**asked.place, signal=SIGINT)

    async def leave(self) -> None:
        """Take note that the client is gone."""
        self._gone.set()
