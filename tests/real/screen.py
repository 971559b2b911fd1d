"""The screen of a trial: what the pages of a real cluster show, as a browser would have it on them."""

from __future__ import annotations

import copy
import html
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Condition, Thread
from typing import NamedTuple, Self

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from controller.live.fold import Gap, Wire, fold
from tests.bench.browser import USER, socket_address
from tests.servers import Everynode

CELLS = re.compile(r'<script id="preview-cells"[^>]*>(.*?)</script>', re.DOTALL)
HIDDEN = re.compile(r'name="(previewed|digest)" value="([^"]*)"')


class Previewed(NamedTuple):
    """What a preview says of nodes, what sends the form exactly as it was previewed, and its page."""

    cells: dict[str, str]
    form: dict[str, str]
    text: str


class Screen:
    """The map of a cluster, folded from its socket as a browser folds it, and the forms beside it."""

    def __init__(self, everynode: Everynode, cluster: str) -> None:
        self._url, self.cluster = everynode.url, cluster
        self._http = httpx.Client(follow_redirects=True, timeout=60)
        self._http.get(f"{self._url}login/")
        self._send(f"{self._url}login/", {"username": USER, "password": everynode.password})
        self._told = Condition()
        self._map: Wire | None = None

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """Follow the map, in a thread, until the block ends."""
        with closing(self._http), self._connect() as line:
            listener = Thread(target=self._listen, args=(line,))
            listener.start()
            try:
                yield self
            finally:
                line.close()
                listener.join()

    def until(self, true_of: Callable[[Wire], bool], within: float) -> Wire | None:
        """Return the map as soon as something is true of it, None if it is not in so many seconds."""
        end = time.monotonic() + within
        with self._told:
            while self._map is None or not true_of(self._map):
                if not self._told.wait(end - time.monotonic()) and time.monotonic() > end:
                    return None
            return self._map

    def beside(self, cluster: str) -> Screen:
        """Return the pages of another cluster, for the same person; its map is not followed."""
        other = copy.copy(self)
        other.cluster = cluster
        return other

    def frame(self) -> Wire:
        """Return the map as the server draws it now: all nodes, sets and cells."""
        return fold(None, json.loads(self.page("frame/"))) or {}

    def page(self, path: str) -> str:
        """Return a page of the cluster."""
        return self._http.get(f"{self._url}clusters/{self.cluster}/{path}").text

    def audit(self) -> str:
        """Return the list of what was done in the cluster, the newest first."""
        return self._http.get(f"{self._url}audit/", params={"cluster": self.cluster}).text

    def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form."""
        return self._send(f"{self._url}clusters/{self.cluster}/{path}", form)

    def preview(self, path: str, **form: str) -> Previewed:
        """Return what a preview says."""
        text = self.post(path, preview="", **form).text
        found = CELLS.search(text)
        cells = json.loads(found[1]) if found else {}
        return Previewed(cells, {**form, **dict(HIDDEN.findall(text))}, text)

    def form(self, path: str) -> dict[str, str]:
        """Return the fields of the editor of an object."""
        page = self.page(path)
        text = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
        seen = re.search(r'name="seen" value="([^"]*)"', page)
        assert text is not None, "the page has no editor"
        return {"text": html.unescape(text[1]).lstrip("\n"), "seen": seen[1] if seen else ""}

    def _send(self, url: str, form: dict[str, str]) -> httpx.Response:
        token = next(value for name, value in self._http.cookies.items() if name.endswith("-csrf"))
        return self._http.post(url, data=form, headers={"Referer": url, "X-CSRFToken": token})

    def _connect(self) -> ClientConnection:
        cookies = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        address, origin = socket_address(self._url, self.cluster), Origin(self._url.rstrip("/"))
        return connect(address, additional_headers={"Cookie": cookies}, origin=origin, max_size=None)

    def _listen(self, line: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                self._hear(line, json.loads(line.recv()))

    def _hear(self, line: ClientConnection, frame: Wire) -> None:
        try:
            with self._told:
                self._map = fold(self._map, frame)
                self._told.notify_all()
        except Gap:
            line.send(json.dumps({"t": "resync"}))
