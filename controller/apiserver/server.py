"""The door as an application of its own, beside the pages: none of their middleware, no thread for a stream.

A client asks a hundred times in a second, or keeps a watch open for hours. Django's own handler would
hold a thread and a connection to the database for as long as a stream lasts.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from io import BytesIO
from typing import Any

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http.response import HttpResponseBase

from controller.apiserver import status
from controller.apiserver.call import Stream
from controller.apiserver.door import ACCESS, door
from controller.apiserver.negotiation import too_large
from controller.engine.errors import BadRequest, Refused
from controller.manifests.untrusted import MOST_BYTES
from controller.queries.access import Access
from controller.queries.streams import streams

log = logging.getLogger(__name__)

MOST_DISCARDED = 64 * 1024 * 1024
"""How much of an overlong body is read: a client that still sends would not see the answer."""


LAST_WORD = 1.0
"""Seconds in which a stream that is ended from here can tell so."""

AT_ONCE = 16
"""How many requests are worked on at once: each in a thread that keeps its connection to the database."""


def _held(access: Access, refused: list[Refused]) -> AbstractContextManager[None]:
    """Cancel the task that asks, once its right has ended, and say in ``refused`` why."""
    task = asyncio.current_task()

    def end(why: Refused) -> None:
        refused.append(why)
        if task:
            task.cancel()

    return streams().held(access, end)


class Door(ASGIHandler):
    """Serves ``/k8s/<cluster>/...``."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(AT_ONCE, "api")

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Load none."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI's
        """Answer one request."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        answering = asyncio.create_task(self._answer(scope, body, send))
        leaving = asyncio.create_task(self._left(receive))
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (answering, leaving):
                task.cancel()
            ended, _ = await asyncio.gather(answering, leaving, return_exceptions=True)
            if isinstance(ended, Exception) and not isinstance(ended, OSError):
                log.error("An answer could not be sent", exc_info=ended)

    async def read_body(self, receive: Any) -> BytesIO:  # noqa: ANN401 - as above
        """Read the body, but keep no more of it than shows that it is too long. Raises RequestAborted."""
        kept, more, came = BytesIO(), True, 0
        while more and came < MOST_DISCARDED:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestAborted
            chunk = message.get("body", b"")
            kept.write(chunk[: max(0, MOST_BYTES + 1 - came)])
            came += len(chunk)
            more = message.get("more_body", False)
        kept.seek(0)
        return kept

    async def _answer(self, scope: Any, body: BytesIO, send: Any) -> None:  # noqa: ANN401 - as above
        response, access = await self._response(scope, body)
        refused: list[Refused] = []
        try:
            with _held(access, refused) if access and response.streaming else nullcontext():
                await self.send_response(response, send)
        except asyncio.CancelledError:
            # The server stops, or the right has ended: a stream ends as one does whose time is over. A
            # client that takes nothing is not waited for.
            if response.streaming:
                last = response.ending(refused[0]) if refused and isinstance(response, Stream) else b""
                with suppress(TimeoutError):
                    await asyncio.wait_for(send({"type": "http.response.body", "body": last}), LAST_WORD)
            raise
        finally:
            response.close()

    async def _response(
        self,
        scope: Any,  # noqa: ANN401 - as above
        body: BytesIO,
    ) -> tuple[HttpResponseBase, Access | None]:
        """Return the answer, and what the caller was let in to do if they were."""
        if body.getbuffer().nbytes > MOST_BYTES:
            return status.answer(status.status(too_large())), None
        try:
            request = ASGIRequest(scope, body)
        except UnicodeDecodeError:
            return status.answer(status.status(BadRequest("the query is no UTF-8"))), None
        answer = await door(request, threads=self._threads)
        return answer, request.META.get(ACCESS)

    async def _left(self, receive: Any) -> None:  # noqa: ANN401 - as above
        """Return when the client is gone."""
        while (await receive())["type"] != "http.disconnect":
            pass
