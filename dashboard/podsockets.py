"""The sockets of a pod's pages: logs of one or many, interleaved as they come, and a shell in a container.

What is carried is what the API's door carries to kubectl; who may open one is asked of the session.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import suppress
from typing import Any, ClassVar, cast
from urllib.parse import parse_qs

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils.translation import gettext as _

from controller.apiserver.execs import Place, shell_of
from controller.apiserver.session import Session
from controller.engine.errors import Forbidden, NotFound, Refused
from controller.manifests.untrusted import NULL
from controller.modes import Capability, require
from controller.queries.access import Access
from controller.queries.clusters import cluster_id, cluster_named
from controller.queries.streams import streams
from dashboard.consumers import GONE, REFUSED
from dashboard.models import User
from dashboard.podlogs import LogsOptions, PodLogs
from dashboard.present.refusals import sentence
from dashboard.reallogs import client_of

logger = logging.getLogger(__name__)

NORMAL = 1000
AHEAD = 100
"""How many messages may be typed before a shell has begun."""


class PodSocket(AsyncWebsocketConsumer):
    """A socket of somebody who may use a subresource of pods. What it carries, ``serve`` says."""

    channel_layer_alias = ""
    subresource: ClassVar[str]
    simulated: ClassVar[bool] = False
    """Whether only a simulated container has it."""

    cluster: int
    user: User
    task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Let a person in who may. Accepted first: only then a browser hears why not."""
        user = self.scope.get("user")
        await self.accept()
        if user is None or not user.is_authenticated:
            await self.close(REFUSED)
            return
        self.user = cast("User", user)
        try:
            self.cluster = await database_sync_to_async(self._cluster)()
        except NotFound as refused:
            await self._refuse(refused, GONE)
            return
        except Refused as refused:
            await self._refuse(refused, REFUSED)
            return
        self.task = asyncio.create_task(self._run())

    def _cluster(self) -> int:
        """Return the id of the cluster. Raises NotFound, Forbidden."""
        name = self.scope["url_route"]["kwargs"]["cluster"]
        if NULL in name or not (rights := self.user.rights).may("get", name):
            raise NotFound("clusters", name)
        if not rights.may("get", name, "pods", self.subresource):
            raise Forbidden(_("Your role does not allow this."))
        if self.simulated:
            require(cluster_named(name).mode, Capability.SHELL)
        return cluster_id(name)

    async def disconnect(self, _code: int) -> None:
        """End what is carried."""
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self) -> None:
        session = self.scope["session"].session_key or ""
        access = Access(self.user.pk, self.cluster, "get", "pods", self.subresource, session=session)
        serving = asyncio.create_task(self.serve())
        ended: list[Refused] = []

        def end(why: Refused) -> None:
            ended.append(why)
            serving.cancel()

        # A browser may leave in the middle of a message; disconnect() comes right after.
        with suppress(OSError):
            try:
                with streams().held(access, end):
                    await asyncio.wait((serving,))
                if ended:
                    await self._refuse(ended[0], REFUSED)
                    return
                serving.result()
                await self.close(NORMAL)
            except Refused as refused:
                await self._refuse(refused, NORMAL)
            except Exception:
                logger.exception("A socket of a pod's page failed.")
                await self.close()
            finally:
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)

    async def _refuse(self, refused: Refused, code: int) -> None:
        await self.tell({"t": "refused", "text": sentence(refused)})
        await self.close(code)

    async def tell(self, frame: dict[str, Any]) -> None:
        """Send a frame."""
        await self.send(orjson.dumps(frame).decode())

    async def serve(self) -> None:
        """Carry what this socket is for, to its end. Raises Refused."""
        raise NotImplementedError


class LogsSocket(PodSocket):
    """The lines of containers. The address says whose, in the words of ``LogsOptions``."""

    subresource = "log"

    async def serve(self) -> None:
        """Send frames of ``PodLogs``."""
        query = parse_qs(self.scope["query_string"].decode(errors="replace"))
        options = LogsOptions.read({name: values[-1] for name, values in query.items()})
        client = await client_of(self.cluster, self.user.username)
        try:
            await PodLogs(self.cluster, options, self.tell, client).run()
        finally:
            if client:
                await client.close()


class ShellSocket(PodSocket):
    """A shell in a container. Messages are those of Kubernetes' channel protocol: a byte, and the data."""

    subresource = "exec"
    simulated = True
    session: Session | None = None
    early: deque[bytes]

    async def connect(self) -> None:
        """Keep what is typed before the shell has begun."""
        self.early = deque(maxlen=AHEAD)
        await super().connect()

    async def serve(self) -> None:
        """Run the shell until it ends or the browser leaves."""
        place = self.scope["url_route"]["kwargs"]
        asked = await database_sync_to_async(shell_of, thread_sensitive=False)(
            Place(
                cluster=self.cluster,
                actor=self.user.username,
                namespace=place["namespace"],
                name=place["name"],
                container=place["container"],
            )
        )
        self.session = Session(asked, self._carry)
        while self.early:
            await self.session.take(self.early.popleft())
        await self.session.run()

    async def _carry(self, message: bytes) -> None:
        await self.send(bytes_data=message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Take what is typed, also before the shell has begun."""
        del text_data
        if self.session and bytes_data:
            await self.session.take(bytes_data)
        elif bytes_data:
            self.early.append(bytes_data)
