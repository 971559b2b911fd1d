"""The door as an application: bodies that are too long, clients that leave, a server that stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import connections
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from controller.apiserver import server
from controller.apiserver.call import Call
from controller.apiserver.handlers import HANDLERS
from controller.apiserver.server import MOST_DISCARDED, Door
from controller.manifests.untrusted import MOST_BYTES
from tests.apiserver.asking import Asker
from tests.clusters import cluster
from tests.live.listening import do

Line = Any
"""What asgiref gives to test with; it comes without types."""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(name="doors", autouse=True)
def _doors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give back the connections that the threads of a test's doors keep."""
    pools: list[ThreadPoolExecutor] = []

    def pool(*facts: Any) -> ThreadPoolExecutor:
        pools.append(ThreadPoolExecutor(1, *facts[1:]))
        return pools[-1]

    monkeypatch.setattr(server, "ThreadPoolExecutor", pool)
    yield
    for each in pools:
        each.submit(connections.close_all).result()
        each.shutdown()


def scope(path: str, method: str, query: bytes) -> dict[str, Any]:
    """Return what a server says of a request."""
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "query_string": query,
        "client": ("127.0.0.1", 1),
    }


def opened(path: str, method: str = "GET", query: bytes = b"") -> Line:
    """Return a line to the door."""
    return ApplicationCommunicator(Door(), scope(path, method, query))  # type: ignore[no-untyped-call] # asgiref


async def begun(path: str, method: str = "GET", *chunks: bytes) -> Line:
    """Send a request whose body comes in chunks."""
    line = opened(path, method)
    for chunk in chunks:
        await line.send_input({"type": "http.request", "body": chunk, "more_body": True})
    await line.send_input({"type": "http.request"})
    return line


async def answered(line: Line) -> tuple[int, Any]:
    """Return code and content of an answer."""
    start, body = await line.receive_output(5), await line.receive_output(5)
    await line.wait(5)
    return start["status"], json.loads(body["body"])


async def asker() -> Asker:
    """Return somebody who may ask."""
    return await do(Asker, await do(cluster))


async def test_it_answers_without_middleware() -> None:
    """What follows /k8s/ is the cluster and the rest of the path."""
    line = await begun((await asker()).base + "/api/v1/namespaces/default")
    code, content = await answered(line)
    assert (code, content["metadata"]["name"]) == (200, "default")


async def test_strangers_are_told_so() -> None:
    """A refusal is a Status here too."""
    assert (await answered(await begun("/k8s/nowhere/api")))[0] == 401


async def test_a_query_that_is_no_text_is_refused() -> None:
    """Broken bytes in a query are a bad request."""
    line = opened("/k8s/a/api", query=b"\xff")
    await line.send_input({"type": "http.request"})
    assert (await answered(line))[0] == 400


@pytest.mark.parametrize("times", [4, MOST_DISCARDED // 1024**2 + 1])
async def test_an_overlong_body_is_read_and_refused(times: int) -> None:
    """The client is let speak, since it would not see the answer before, but not for ever."""
    line = await begun("/k8s/nowhere/api", "POST", *(b" " * (MOST_BYTES // 3) for _ in range(times)))
    code, content = await answered(line)
    assert (code, content["reason"]) == (413, "RequestEntityTooLarge")


async def test_nothing_is_done_for_who_left_early() -> None:
    """Half a body is no request."""
    line = opened("/k8s/nowhere/api", "POST")
    await line.send_input({"type": "http.request", "body": b"{", "more_body": True})
    await line.send_input({"type": "http.disconnect"})
    await line.wait(5)
    assert await line.receive_nothing()


class Stream:
    """A stream that never ends by itself, and tells when it was closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def __call__(self, _call: Call) -> HttpResponseBase:
        return StreamingHttpResponse(self._pieces())

    async def _pieces(self) -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            self.closed.set()


async def streaming(monkeypatch: pytest.MonkeyPatch) -> tuple[Stream, Line]:
    """Begin an endless stream and read its first piece."""
    stream = Stream()
    monkeypatch.setitem(HANDLERS, ("get", "log"), stream)
    line = await begun((await asker()).base + "/api/v1/namespaces/default/pods/a/log")
    assert (await line.receive_output(5))["status"] == 200
    assert (await line.receive_output(5))["body"] == b"first"
    return stream, line


async def test_a_stream_is_closed_when_its_client_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads on, so nothing is held."""
    stream, line = await streaming(monkeypatch)
    await line.send_input({"type": "http.disconnect"})
    await asyncio.wait_for(stream.closed.wait(), 5)
    await line.wait(5)


async def test_a_stream_ends_in_order_when_the_server_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client sees the end of a stream, not a broken line."""
    stream, line = await streaming(monkeypatch)
    line.future.cancel()
    assert await line.receive_output(5) == {"type": "http.response.body", "body": b""}
    assert stream.closed.is_set()
