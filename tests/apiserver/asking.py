"""A client of the door in the test's own process, and what it was answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, cast

from asgiref.sync import async_to_sync
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient, Client
from django.test.client import AsyncClientHandler, ClientHandler

from controller.apiserver.door import door
from controller.services import tokens
from tests.clusters import row_of
from tests.people import someone

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
TIMEOUT = 30.0


class DoorHandler(ClientHandler):
    """Hands requests to the door as the server does: past the pages' addresses and their middleware."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        return async_to_sync(door)(request)


class AsyncDoorHandler(AsyncClientHandler):
    """The same for requests whose answer is a stream."""

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        return await door(request)


class DoorClient(Client):
    """A client of clusters' APIs in the test's own process."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.handler = DoorHandler()


class AsyncDoorClient(AsyncClient):
    """One that can be streamed to."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.handler = AsyncDoorHandler()


class Asker:
    """Asks for paths of one cluster, as an operator."""

    def __init__(self, cluster: int, role: str = "operator") -> None:
        person = someone(f"the-{role}", role)
        token = tokens.token_create(cluster=cluster, user=person.pk, actor=person.get_username())
        self.cluster = cluster
        self.base = f"/k8s/{row_of(cluster).name}/{token}"

    def ask(self, path: str, *, accept: str = "", code: int = 200, **query: Any) -> Any:
        """Return what a path answers, as JSON; fail if its code is another."""
        response = DoorClient().get(self.base + path, query, headers={"Accept": accept} if accept else None)
        assert response.status_code == code, response.content
        return json.loads(response.content)

    def rows(self, path: str, **query: Any) -> list[list[Any]]:
        """Return the cells of the Table that a path answers."""
        return [row["cells"] for row in self.ask(path, accept=TABLE, **query)["rows"]]


def names(listed: Any) -> list[str]:
    """Return the names of a list's items."""
    return [item["metadata"]["name"] for item in listed["items"]]


class Watcher:
    """A watch that is open; its events are taken one by one."""

    def __init__(self, response: StreamingHttpResponse) -> None:
        self._pieces = cast("AsyncGenerator[bytes]", aiter(response))
        self._held = b""

    @classmethod
    async def open(cls, asker: Asker, path: str, *, accept: str = "", **query: Any) -> Watcher:
        """Begin a watch; fail if it is refused."""
        headers = {"Accept": accept} if accept else None
        response = await AsyncDoorClient().get(asker.base + path, {"watch": "1", **query}, headers=headers)
        assert response.status_code == 200, response.content
        return cls(cast("StreamingHttpResponse", response))

    async def next(self) -> Any:
        """Return the next event, or None at the end."""
        while b"\n" not in self._held:
            try:
                async with asyncio.timeout(TIMEOUT):
                    self._held += await anext(self._pieces)
            except StopAsyncIteration:
                return None
        line, _, self._held = self._held.partition(b"\n")
        return json.loads(line)

    async def take(self, count: int) -> list[Any]:
        """Return so many events."""
        return [await self.next() for _ in range(count)]

    async def close(self) -> None:
        """Leave, as a client that is gone."""
        await self._pieces.aclose()
