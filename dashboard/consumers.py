"""The socket of a cluster's pages: lets a person in and carries frames; what is in them is the hub's."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any, cast

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils.translation import get_language_from_request, override

from controller.engine.errors import NotFound
from controller.live.frames import Beat, Gone, Pong, encode
from controller.live.hub import hub
from controller.live.mailbox import Mailbox
from controller.manifests.untrusted import NULL
from controller.metrics import open_socket
from controller.queries.access import Access
from controller.queries.clusters import cluster_id
from controller.queries.streams import streams
from dashboard.models import User

logger = logging.getLogger(__name__)

BEAT = 2.0
"""Seconds without a frame after which a browser is told that the server still lives."""

AGAIN = 1013
"""Close code of who may try again later."""

REFUSED = 4403
"""Close code for those who may not look, or may no longer: a login or a grant has ended."""

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


class Counted:
    """Counts sockets while they are open: those of maps, of logs and of shells."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - ASGI's own types say no more
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as above
        """Pass everything on."""
        kind = next((kind for kind in ("logs", "shell") if f"/{kind}/" in scope["path"]), "map")
        with open_socket(kind):
            await self._inner(scope, receive, send)


class WithLanguage:
    """Lets a socket speak as the pages do: in the language of the cookie, or else of the browser."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - ASGI's own types say no more
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as above
        """Pass everything on. ``scope`` has its cookies read already."""
        asked = HttpRequest()
        asked.COOKIES = scope["cookies"]
        accepted = dict(scope["headers"]).get(b"accept-language", b"")
        asked.META["HTTP_ACCEPT_LANGUAGE"] = accepted.decode("latin-1")
        with override(get_language_from_request(asked)):
            await self._inner(scope, receive, send)


class ClusterConsumer(AsyncWebsocketConsumer):
    """One browser that looks at one cluster. Who may look is asked when it connects, and again and again."""

    # Frames come from the hub, so no layer is named: with one, there would be no socket without Redis.
    channel_layer_alias = ""

    cluster: int
    box: Mailbox | None = None
    sender: asyncio.Task[None]

    async def connect(self) -> None:
        """Let a person who may look have the frames. Accepted first: only then a browser hears why not."""
        user = self.scope.get("user")
        await self.accept()
        if user is None or not user.is_authenticated:
            await self.close(REFUSED)
            return
        try:
            name = self.scope["url_route"]["kwargs"]["name"]
            self.cluster = await database_sync_to_async(_cluster_of)(cast("User", user), name)
        except NotFound:
            await self.send(encode(Gone()))
            await self.close(GONE)
            return
        access = Access(user.pk, self.cluster, "watch", session=self.scope["session"].session_key or "")
        self.box = hub().join(self.cluster, user.username)
        self.sender = asyncio.create_task(self._send_all(self.box, access))

    async def disconnect(self, _code: int) -> None:
        """Let the hub forget this browser."""
        if self.box:
            hub().leave(self.cluster, self.box)
            self.sender.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer ``resync`` and ``ping``; whatever else a client says is passed over."""
        del bytes_data
        message = _read(text_data)
        if message.get("t") == "resync" and self.box:
            hub().resync(self.cluster, self.box)
        elif message.get("t") == "ping" and isinstance(at := message.get("at"), int | float):
            await self.send(encode(Pong(at=at)))

    async def _send_all(self, box: Mailbox, access: Access) -> None:
        # A browser may leave in the middle of a frame; disconnect() comes right after.
        with suppress(OSError), streams().held(access, lambda _refused: box.refuse()):
            while (frame := await _next(box)) is not None:
                await self.send(frame)
            await self.close(REFUSED if box.refused else GONE)


def _cluster_of(user: User, name: str) -> int:
    """Return the id of a cluster that somebody may look at. Raises NotFound."""
    # No name has a null character, and not every database takes the question.
    if NULL in name or not user.rights.may("watch", name):
        raise NotFound("clusters", name)
    return cluster_id(name)


async def _next(box: Mailbox) -> str | None:
    """Return the next frame, or a beat if there is none for a while; None at the end."""
    try:
        async with asyncio.timeout(BEAT):
            return await box.take()
    except TimeoutError:
        return encode(Beat())


def _read(text: str | None) -> dict[str, Any]:
    try:
        message = json.loads(text or "")
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
