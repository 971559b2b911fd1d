"""The socket of a cluster's pages: lets a person in and carries frames; what is in them is the hub's."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import InterfaceError, OperationalError

from controller.engine.errors import NotFound
from controller.live.frames import Beat, Gone, Pong, encode
from controller.live.hub import hub
from controller.live.mailbox import Mailbox
from controller.queries.clusters import cluster_id

logger = logging.getLogger(__name__)

BEAT = 2.0
"""Seconds without a frame after which a browser is told that the server still lives."""

AGAIN = 1013
"""Close code of who may try again later."""

GONE = 4404
"""Close code after ``gone``: there is no use in coming back."""


class WithoutDatabase:
    """Closes a socket that the database fails in few words: who opened it tries again by itself."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - ASGI's own types say no more
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as above
        """Pass everything on."""
        try:
            await self._inner(scope, receive, send)
        except (OperationalError, InterfaceError) as error:
            logger.warning("A socket has to wait, the database does not answer: %s", error)
            await send({"type": "websocket.close", "code": AGAIN})


class ClusterConsumer(AsyncWebsocketConsumer):
    """One browser that looks at one cluster. Who may look is asked once, when it connects."""

    # Frames come from the hub, so no layer is named: with one, there would be no socket without Redis.
    channel_layer_alias = ""

    cluster: int
    box: Mailbox | None = None
    sender: asyncio.Task[None]

    async def connect(self) -> None:
        """Let a person who is logged in have the frames; refuse everybody else."""
        user = self.scope.get("user")
        if user is None or not user.is_authenticated:
            await self.close()
            return
        await self.accept()
        try:
            name = self.scope["url_route"]["kwargs"]["name"]
            self.cluster = await database_sync_to_async(cluster_id)(name)
        except NotFound:
            await self.send(encode(Gone()))
            await self.close(GONE)
            return
        self.box = hub().join(self.cluster, user.username)
        self.sender = asyncio.create_task(self._send_all(self.box))

    async def disconnect(self, _code: int) -> None:
        """Let the hub forget this browser."""
        if self.box:
            hub().leave(self.cluster, self.box)
            self.sender.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer ``resync`` and ``ping``; whatever else a client says is passed over."""
        del bytes_data
        said = _read(text_data)
        if said.get("t") == "resync" and self.box:
            hub().resync(self.cluster, self.box)
        elif said.get("t") == "ping" and isinstance(at := said.get("at"), int | float):
            await self.send(encode(Pong(at=at)))

    async def _send_all(self, box: Mailbox) -> None:
        # A browser may leave in the middle of a frame; disconnect() comes right after.
        with suppress(OSError):
            while (frame := await _next(box)) is not None:
                await self.send(frame)
            await self.close(GONE)


async def _next(box: Mailbox) -> str | None:
    """Return the next frame, or a beat if there is none for a while; None at the end."""
    try:
        async with asyncio.timeout(BEAT):
            return await box.take()
    except TimeoutError:
        return encode(Beat())


def _read(text: str | None) -> dict[str, Any]:
    try:
        said = json.loads(text or "")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
