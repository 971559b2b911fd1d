"""A proxy before an API server that lets things go wrong: with which requests, how and how often says a test.

It speaks TLS to whoever asks, and one request a connection. What becomes of a request is a ``Course``: a
function that may ask the server, answer, cut. What no fault is meant for goes through.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson

from dashboard.instance import Certificates
from tests.upstream.certificates import pair

PLACE = re.compile(r"/(?:api|apis/[^/]+)/v1/(?:namespaces/[^/]+/)?(?P<resource>[a-z]+)(?:/(?P<name>[^/]+))?")
HOP_BY_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})


@dataclass(frozen=True)
class Asked:
    """A request: what is done (get, list, watch, patch, post, delete) to which resource, and when.

    A list of one object is a look at the version at which a kind stands.
    """

    verb: str
    resource: str
    name: str
    query: Mapping[str, str]
    at: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, method: str, target: str) -> Asked:
        """Return what a request line asks for."""
        url = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        found = PLACE.search(url.path)
        resource, name = (found["resource"], found["name"] or "") if found else ("", url.path.rsplit("/")[-1])
        verb = method.lower()
        if verb == "get" and not name:
            verb = "watch" if "watch" in query else "look" if query.get("limit") == "1" else "list"
        return cls(verb, resource, name, query)


class Exchange:
    """One request, its answer by the server, and what is told instead."""

    def __init__(
        self, asked: Asked, request: httpx.Request, client: httpx.AsyncClient, writer: asyncio.StreamWriter
    ) -> None:
        self.asked = asked
        self._request, self._client, self._writer = request, client, writer
        self._answer: httpx.Response | None = None

    async def ask(self) -> httpx.Response:
        """Let the server do it; return its answer, whose body is still to come."""
        self._answer = await self._client.send(self._request, stream=True)
        return self._answer

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the server's body as it comes."""
        assert self._answer
        async for piece in self._answer.aiter_raw():
            yield piece

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield the events of a watch, each with the end of its line."""
        rest = b""
        async for piece in self.pieces():
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield line + b"\n"

    async def body(self) -> Any:
        """Return the server's answer as JSON."""
        return orjson.loads(b"".join([piece async for piece in self.pieces()]))

    async def begin(self, code: int, headers: Mapping[str, str]) -> None:
        """Send the head of an answer; its body comes in chunks."""
        kept = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
        kept |= {"Connection": "close", "Transfer-Encoding": "chunked"}
        head = "".join(f"{name}: {value}\r\n" for name, value in kept.items())
        self._writer.write(f"HTTP/1.1 {code} {httpx.codes.get_reason_phrase(code)}\r\n{head}\r\n".encode())
        await self._writer.drain()

    async def send(self, piece: bytes) -> None:
        """Send a piece of the body."""
        if piece:
            self._writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await self._writer.drain()

    async def end(self) -> None:
        """End the answer as it should."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def close(self) -> None:
        """Let the server go. Whoever asked sees a cut if the answer was not ended."""
        if self._answer:
            await self._answer.aclose()


Course = Callable[[Exchange], Awaitable[None]]


@dataclass
class Fault:
    """A course for the requests it is meant for; ``times`` is how often, None: until it is taken away."""

    course: Course
    verb: str = ""
    resource: str = ""
    times: int | None = 1
    name: str = ""
    met: int = 0
    """How many requests it has met."""

    def is_for(self, asked: Asked) -> bool:
        """Whether it is meant for a request."""
        pairs = ((self.verb, asked.verb), (self.resource, asked.resource), (self.name, asked.name))
        return self.times != 0 and all(wanted in {"", given} for wanted, given in pairs)

    def end(self) -> None:
        """Take it away."""
        self.times = 0


# ------------------------------------------------------------------------------------- courses
async def through(exchange: Exchange) -> None:
    """Nothing goes wrong."""
    answer = await exchange.ask()
    await exchange.begin(answer.status_code, answer.headers)
    async for piece in exchange.pieces():
        await exchange.send(piece)
    await exchange.end()


async def cut(_exchange: Exchange) -> None:
    """The connection breaks before the server hears of it."""


async def lost(exchange: Exchange) -> None:
    """The server does it, and the connection breaks before it can say so."""
    await exchange.ask()
    await exchange.body()


async def gave_up(exchange: Exchange) -> None:
    """The server does it, and a gateway before it says that it did not answer in time."""
    await exchange.ask()
    await exchange.body()
    await exchange.begin(504, {"Content-Type": "text/html"})
    await exchange.send(b"<html>Gateway Time-out")
    await exchange.end()


async def empty(exchange: Exchange) -> None:
    """A watch ends as soon as it began."""
    await exchange.begin(200, {"Content-Type": "application/json"})
    await exchange.end()


def answered(code: int, body: object, **headers: str) -> Course:
    """Return what answers in the server's place."""

    async def course(exchange: Exchange) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await exchange.begin(code, {"Content-Type": "application/json", **named})
        await exchange.send(orjson.dumps(body))
        await exchange.end()

    return course


def refused(code: int, said: str = "not today", **headers: str) -> Course:
    """Return what answers with a Status in the server's place."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": said, "code": code}
    return answered(code, body, **headers)


def told(event: object) -> Course:
    """Return what lets a watch tell one thing, and end."""

    async def course(exchange: Exchange) -> None:
        await exchange.begin(200, {"Content-Type": "application/json"})
        await exchange.send(orjson.dumps(event) + b"\n")
        await exchange.end()

    return course


def too_old(version: str = "1") -> Course:
    """Return what says in a watch that its version is no longer kept, as an API server does."""
    said = f"too old resource version: {version} (2)"
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": said, "reason": "Expired"}
    return told({"type": "ERROR", "object": {**body, "code": 410}})


def half(whole: int = 0) -> Course:
    """Return what cuts a watch in the middle of an event, after some that come whole."""

    async def course(exchange: Exchange) -> None:
        answer = await exchange.ask()
        await exchange.begin(answer.status_code, answer.headers)
        left = whole
        async for line in exchange.lines():
            if not left:
                await exchange.send(line[: len(line) // 2])
                return
            left -= 1
            await exchange.send(line)

    return course


def rewritten(change: Callable[[Any], Any]) -> Course:
    """Return what lets the server answer otherwise than it does; not for watches."""

    async def course(exchange: Exchange) -> None:
        answer = await exchange.ask()
        body = change(await exchange.body())
        await exchange.begin(answer.status_code, answer.headers)
        await exchange.send(orjson.dumps(body))
        await exchange.end()

    return course


def dated(date: Callable[[], str]) -> Course:
    """Return what lets the server's clock tell another time."""

    async def course(exchange: Exchange) -> None:
        answer = await exchange.ask()
        await exchange.begin(answer.status_code, {**answer.headers, "date": date()})
        async for piece in exchange.pieces():
            await exchange.send(piece)
        await exchange.end()

    return course


class Slow:
    """A course by which answers begin, or events come, only when they are let go."""

    def __init__(self, *, head: bool) -> None:
        self._head, self._let_go = head, asyncio.Event()
        self._loops: set[asyncio.AbstractEventLoop] = set()
        self._over = False

    @property
    def holds(self) -> bool:
        """Whether it has met an exchange."""
        return bool(self._loops)

    def let_go(self) -> None:
        """Let all that is held go on, and whatever else it meets."""
        self._over = True
        for loop in self._loops:
            loop.call_soon_threadsafe(self._let_go.set)

    async def __call__(self, exchange: Exchange) -> None:
        self._loops.add(asyncio.get_running_loop())
        if self._over:
            self._let_go.set()
        answer = await exchange.ask()
        if self._head:
            await self._let_go.wait()
        await exchange.begin(answer.status_code, answer.headers)
        async for piece in exchange.pieces():
            await self._let_go.wait()
            await exchange.send(piece)
        await exchange.end()


# --------------------------------------------------------------------------------------- proxy
class Proxy:
    """Where it listens, what was asked, and what goes wrong: the first fault that is meant for a request."""

    def __init__(self, server: str) -> None:
        self._served, self._path = server, urlsplit(server).path
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.port = 0
        self.client = httpx.AsyncClient(timeout=None, limits=httpx.Limits(max_keepalive_connections=10))  # noqa: S113 - watches last

    @property
    def url(self) -> str:
        """Return the address at which the server is to be reached through it."""
        return f"https://127.0.0.1:{self.port}{self._path}"

    def add(
        self, course: Course, verb: str = "", resource: str = "", times: int | None = 1, name: str = ""
    ) -> Fault:
        """Let something go wrong from now on."""
        fault = Fault(course, verb, resource, times, name)
        self.faults.append(fault)
        return fault

    def calm(self) -> None:
        """Take all faults away, and listen."""
        for fault in self.faults:
            fault.end()
        if not self._server:
            self.listen()

    def count(self, verb: str = "", resource: str = "", since: float = 0.0, name: str = "") -> int:
        """Return how many requests of a sort there were since a moment of the monotonic clock."""
        wanted = Fault(through, verb, resource, name=name)
        return sum(wanted.is_for(one) for one in self.asked if one.at >= since)

    def lead_to(self, server: str) -> None:
        """Let another API server answer from now on; what is under way is cut."""
        self._served = server
        self.cut()

    def listen(self, files: Certificates | None = None) -> None:
        """Begin to listen, with a server's certificate: at the same port as before, if there was one."""
        self._run(self._listen(files or pair()))

    def vanish(self) -> None:
        """Be gone, with all that is under way."""
        self._run(self._vanish())

    def cut(self) -> None:
        """Cut all that is under way."""
        self._run(self._cut())

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        """Run until the block ends."""
        self._thread.start()
        self.listen()
        try:
            yield self
        finally:
            self.vanish()
            self._run(self.client.aclose())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _listen(self, files: Certificates) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.server, files.server_key)
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _vanish(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        await self._cut()

    async def _cut(self) -> None:
        under_way = dict(self._open)
        for writer in under_way.values():
            writer.transport.abort()
        if under_way:
            await asyncio.wait(under_way)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open[task] = writer
        try:
            exchange = await self._read(reader, writer)
            fault = next((one for one in self.faults if one.is_for(exchange.asked)), None)
            if fault:
                fault.met += 1
                fault.times = fault.times and fault.times - 1
            await self._carried(fault.course if fault else through, exchange, reader)
        except (OSError, EOFError, httpx.HTTPError):
            pass  # whoever asked has gone, or the server has
        finally:
            del self._open[task]
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        (method, target, _version), *lines = (line.split(" ", 2) for line in head.strip().split("\r\n"))
        headers = {name.rstrip(":").lower(): " ".join(rest) for name, *rest in lines}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked.of(method, target)
        self.asked.append(asked)
        kept = {name: value for name, value in headers.items() if name not in HOP_BY_HOP}
        url = f"{self._served}{target.removeprefix(self._path)}"
        plain = {**kept, "accept-encoding": "identity"}
        request = self.client.build_request(method, url, headers=plain, content=body or None)
        return Exchange(asked, request, self.client, writer)

    async def _carried(self, course: Course, exchange: Exchange, reader: asyncio.StreamReader) -> None:
        """Let a request take its course, until whoever asked is gone."""
        under_way = {asyncio.ensure_future(course(exchange)), asyncio.ensure_future(reader.read())}
        try:
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
            with contextlib.suppress(httpx.HTTPError):
                await exchange.close()


@contextmanager
def proxied(server: str) -> Iterator[Proxy]:
    """Run a proxy before an API server until the block ends."""
    with Proxy(server).running() as proxy:
        yield proxy
