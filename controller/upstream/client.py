"""The HTTP of real API servers: the only module that knows the library that speaks it (docs/decisions/0018).

A mirror lists and watches in an event loop, edits are forwarded from threads: one client for each, and
what they have in common (whom to connect to, credentials, errors, what is counted) stands once.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import ssl
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import orjson
from django.conf import settings

from controller.engine.kinds import Kind
from controller.upstream import addresses
from controller.upstream.connection import Connection
from controller.upstream.errors import NotReached, NotTrusted, Unanswered, Upstream, error_of
from controller.upstream.watched import event_of

for _name in ("httpx", "httpcore"):  # they log addresses and headers, some of which are secret
    logging.getLogger(_name).setLevel(logging.WARNING)

Query = Mapping[str, str | int]
Manifest = dict[str, Any]

ERRNO = re.compile(r"^\[Errno -?\d+\] ")
"""What the operating system's own words for a fault begin with."""

CONNECT = 10.0
"""Seconds until there is a connection."""

PAGE = 500
"""How many objects a page of a list holds: as kubectl asks for."""

WATCHED = (300, 600)
"""Seconds that a watch is asked to last: not all end at once."""

MOST_ANSWER = 64 << 20
"""The most bytes of one answer or one line that are read."""

MOST_LINE = 1 << 20
"""The most bytes of a line of a text; of a longer one the end is read."""

AGENT = "everynode"


def path_of(kind: Kind, namespace: str = "", name: str = "", *subresource: str) -> str:
    """Return the path of objects of a kind, of one of them, or of a part of it."""
    root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    inside = ("namespaces", namespace) if namespace and kind.namespaced else ()
    return "/".join((root, *inside, kind.plural, *((name,) if name else ()), *subresource))


class Heard:
    """What was learned of an API server from its answers, whatever they said.

    ``requests`` is how many it was sent, ``last`` when it last said anything (our Unix time). Its clock is
    ``skew`` seconds ahead of ours. ``certificate`` is the one it showed (DER), b"" if none was seen.
    """

    def __init__(self) -> None:
        self.requests, self.last, self.certificate = 0, 0.0, b""
        self._samples: deque[float] = deque(maxlen=15)

    @property
    def skew(self) -> float:
        """Return by how many seconds its clock is ahead: its answers tell whole seconds only."""
        return statistics.median(self._samples) if self._samples else 0.0

    def answer(self, sent: float, date: str) -> None:
        """Take note of an answer to what was sent at a moment, and of its header Date."""
        self.last = time.time()
        try:
            told = parsedate_to_datetime(date).timestamp() + 0.5
        except ValueError:
            return
        self._samples.append(told - (sent + self.last) / 2)

    def line(self) -> None:
        """Take note that it said something."""
        self.last = time.time()


class _Base:
    """What both clients are made from. ``person`` is whom to act for (``Impersonate-User``), if anybody."""

    def __init__(self, connection: Connection, *, person: str = "") -> None:
        self.connection, self.heard, self._person = connection, Heard(), person
        self._host = urlsplit(connection.server).hostname or ""
        with _sorted():
            self._trust: ssl.SSLContext | bool = (
                connection.trust() if connection.server.startswith("https") else False
            )

    def _settings(self) -> dict[str, Any]:
        return {
            "base_url": self.connection.server,
            "headers": {"User-Agent": AGENT, "Accept": "application/json"},
            "timeout": httpx.Timeout(settings.EVERYNODE_UPSTREAM_ANSWER, connect=CONNECT, pool=None),
            "follow_redirects": False,
            "trust_env": False,
        }

    def _headers(self) -> dict[str, str]:
        """Return who we are: read at each request, since a pod's token is renewed."""
        headers = {"Impersonate-User": self._person} if self._person else {}
        if token := self.connection.bearer():
            headers["Authorization"] = f"Bearer {token}"
        elif self.connection.username:
            pair = httpx.BasicAuth(self.connection.username, self.connection.password)
            headers["Authorization"] = pair._auth_header  # noqa: SLF001 - it words the header
        return headers

    def _pinned(self, request: httpx.Request, address: str) -> httpx.Request:
        """Return the request, to be sent to an address that was looked at; TLS still asks for the name."""
        url = request.url.copy_with(host=address)
        extensions = {**request.extensions, "sni_hostname": self.connection.server_name or self._host}
        return httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=extensions
        )


def read(response: httpx.Response, body: bytes) -> Manifest:
    """Return what an answer holds. Raises Upstream."""
    try:
        found = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        found = None
    if response.is_success and isinstance(found, dict):
        return found
    status = found if isinstance(found, dict) and found.get("kind") == "Status" else {}
    if response.is_success or response.is_redirect:
        raise Upstream(f"{response.request.url.host} is no API server: it answered {response.status_code}")
    raise error_of(response.status_code, status, response.headers.get("Retry-After", ""))


BEFORE = (httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""What goes wrong before anything of a request is sent, beside ``ConnectError``."""


@contextmanager
def _sorted(*, writes: bool = False) -> Iterator[None]:
    """Turn what the library and the network raise into errors of ours; they name no credentials.

    ``writes`` says that it matters whether what was asked was done.
    """
    try:
        yield
    except httpx.ConnectError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error) or isinstance(error.__context__, ssl.SSLError):
            raise NotTrusted(said(error)) from None
        raise NotReached(said(error)) from None
    except ssl.SSLError as error:
        raise NotTrusted(said(error)) from None
    except BEFORE as error:
        raise NotReached(said(error)) from None
    except (httpx.TransportError, httpx.StreamError, OSError) as error:
        raise (Unanswered if writes else NotReached)(said(error)) from None


def said(error: Exception) -> str:
    """Return why there was no answer, in the words of who says it."""
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return "the API server did not answer in time"
    return ERRNO.sub("", str(error)) or type(error).__name__


def _shown(response: httpx.Response) -> bytes:
    """Return the certificate that whoever answered showed (DER), b"" where there is no TLS to be seen."""
    stream = response.extensions.get("network_stream")
    secured = stream.get_extra_info("ssl_object") if stream else None
    # By position: OpenSSL's own object, which this is of some connections, knows no names of arguments.
    return (secured.getpeercert(True) or b"") if secured else b""  # noqa: FBT003 - as above


class _GuardedTransport(httpx.BaseTransport):
    """Connects to addresses that were looked at, and to no other."""

    def __init__(self, base: _Base) -> None:
        self._base = base
        self._inner = httpx.HTTPTransport(verify=base._trust, proxy=_proxy(base.connection), retries=0)  # noqa: SLF001 - of this module

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._base.connection.proxy:
            return self._inner.handle_request(request)
        found = addresses.look_up(request.url.host, request.url.port or 443)
        return self._inner.handle_request(self._base._pinned(request, found[0]))  # noqa: SLF001 - as above

    def close(self) -> None:
        self._inner.close()


class _GuardedAsyncTransport(httpx.AsyncBaseTransport):
    """The same, in an event loop."""

    def __init__(self, base: _Base) -> None:
        self._base = base
        limits = httpx.Limits(max_connections=50, max_keepalive_connections=10)
        self._inner = httpx.AsyncHTTPTransport(
            verify=base._trust,  # noqa: SLF001 - of this module
            proxy=_proxy(base.connection),
            limits=limits,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._base.connection.proxy:
            return await self._inner.handle_async_request(request)
        look = asyncio.to_thread(addresses.look_up, request.url.host, request.url.port or 443)
        return await self._inner.handle_async_request(self._base._pinned(request, (await look)[0]))  # noqa: SLF001 - as above

    async def aclose(self) -> None:
        await self._inner.aclose()


def _proxy(connection: Connection) -> httpx.Proxy | None:
    """Return the proxy, by an address that we may connect to. It looks up the server's name itself."""
    if not connection.proxy:
        return None
    url = httpx.URL(connection.proxy)
    if url.scheme == "http":  # by https its certificate is for its name
        url = url.copy_with(host=addresses.look_up(url.host, url.port or 80)[0])
    else:
        addresses.look_up(url.host, url.port or 443)
    return httpx.Proxy(url)


class Client(_Base):
    """An API server, asked from a thread. To be closed."""

    def __init__(self, connection: Connection, *, person: str = "") -> None:
        super().__init__(connection, person=person)
        with _sorted():
            self._http = httpx.Client(transport=_GuardedTransport(self), **self._settings())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> Manifest:
        """Return what stands at a path. Raises Upstream, BadAddress."""
        return self.send("GET", path, query)

    def text(self, path: str, query: Query | None = None) -> str:
        """Return a text that stands at a path, such as a log. Raises Upstream, BadAddress."""
        response = self._ask("GET", path, query, accept="*/*")
        if not response.is_success:
            read(response, response.content)
        return response.text

    def send(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: object = None,
        content: str = "application/json",
    ) -> Manifest:
        """Send a request with a body of a content type, return the answer. Raises Upstream, BadAddress."""
        response = self._ask(method, path, query, body=body, content=content)
        return read(response, response.content)

    def _ask(
        self,
        method: str,
        path: str,
        query: Query | None,
        *,
        body: object = None,
        content: str = "",
        accept: str = "",
    ) -> httpx.Response:
        headers = self._headers() | ({"Accept": accept} if accept else {})
        data = None
        if body is not None:
            data, headers["Content-Type"] = orjson.dumps(body), content
        with _sorted(writes=method != "GET"):
            sent = time.time()
            self.heard.requests += 1
            response = self._http.request(method, path, params=query, content=data, headers=headers)
            self.heard.answer(sent, response.headers.get("Date", ""))
            self.heard.certificate = self.heard.certificate or _shown(response)
            return response


class AsyncClient(_Base):
    """An API server, listed and watched in an event loop. To be closed."""

    def __init__(self, connection: Connection, *, person: str = "") -> None:
        super().__init__(connection, person=person)
        with _sorted():
            self._http = httpx.AsyncClient(transport=_GuardedAsyncTransport(self), **self._settings())

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def get(self, path: str, query: Query | None = None) -> Manifest:
        """Return what stands at a path. Raises Upstream, BadAddress."""
        async with self._asked(path, query or {}) as response:
            with _sorted():
                body = await response.aread()
            return read(response, body)

    async def pages(self, path: str) -> AsyncIterator[tuple[list[Manifest], str]]:
        """Yield the objects of a list page by page, with the version of the whole list.

        Raises Upstream: TooOld if it took so long that its version is no longer kept.
        """
        query: dict[str, str | int] = {"limit": PAGE}
        while True:
            page = await self.get(path, query)
            meta = page.get("metadata") or {}
            if not meta.get("resourceVersion"):  # else all that is known would count as gone
                raise Upstream("the API server answered with something that is no list")
            yield page.get("items") or [], str(meta["resourceVersion"])
            query["continue"] = meta.get("continue") or ""
            if not query["continue"]:
                return

    async def lines(self, path: str, query: Query) -> AsyncIterator[list[str]]:
        """Yield the lines of a text as they come, such as a log that is followed. Raises Upstream."""
        async with self._asked(path, query, read_timeout=None, accept="*/*") as response:
            if not response.is_success:
                read(response, await response.aread())
            rest = b""
            with _sorted():
                async for piece in response.aiter_bytes():
                    *lines, rest = (rest + piece).split(b"\n")
                    if lines:
                        yield [line.decode(errors="replace") for line in lines]
                    rest = rest[-MOST_LINE:]
            if rest:
                yield [rest.decode(errors="replace")]

    async def watch(self, path: str, version: str) -> AsyncIterator[list[tuple[str, Manifest]]]:
        """Yield the events after a version as they come: all lines of a piece at once, as (type, object).

        Yields none at first, as soon as the server begins to answer. Ends when the server ends it.
        Raises Upstream: TooOld, or NotReached if nothing at all is heard.
        """
        seconds = random.SystemRandom().randint(*WATCHED)
        query: Query = {
            "watch": 1,
            "resourceVersion": version,
            "allowWatchBookmarks": 1,
            "timeoutSeconds": seconds,
        }
        async with self._asked(path, query, read_timeout=settings.EVERYNODE_UPSTREAM_SILENCE) as response:
            if not response.is_success:
                read(response, await response.aread())
            yield []
            rest = b""
            with _sorted():
                async for piece in response.aiter_bytes():
                    self.heard.line()
                    *lines, rest = (rest + piece).split(b"\n")
                    if len(rest) > MOST_ANSWER:
                        raise Upstream("an event is larger than is read")
                    if events := [event_of(line) for line in lines if line]:
                        yield events

    @asynccontextmanager
    async def _asked(
        self, path: str, query: Query, read_timeout: float | None = 0.0, accept: str = ""
    ) -> AsyncIterator[httpx.Response]:
        """Ask; a body may then pause for ``read_timeout`` seconds, or 0: for as long as an answer may."""
        sent, answer = time.time(), settings.EVERYNODE_UPSTREAM_ANSWER
        self.heard.requests += 1
        read_timeout = answer if read_timeout == 0.0 else read_timeout
        timeout = httpx.Timeout(answer, connect=CONNECT, read=read_timeout, pool=None)
        with _sorted():
            headers = self._headers() | ({"Accept": accept} if accept else {})
            request = self._http.build_request("GET", path, params=query, headers=headers, timeout=timeout)
            async with asyncio.timeout(CONNECT + answer):  # a watch is silent for longer, but not at first
                response = await self._http.send(request, stream=True)
        self.heard.answer(sent, response.headers.get("Date", ""))
        try:
            yield response
        finally:
            await response.aclose()
