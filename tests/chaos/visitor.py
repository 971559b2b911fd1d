"""A person at a page, without the page: sends its forms, listens at its socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from controller.live.fold import Gap, Wire, fold
from tests.bench.browser import Browser


class Visitor(Browser):
    """A person who is logged in."""

    def send(self, path: str, **form: str | int) -> tuple[int, str]:
        """Send a form; return the status and the text of the answer, redirections followed."""
        token = next(str(one.value) for one in self._cookies if one.name.endswith("-csrf"))
        fields = urlencode({"csrfmiddlewaretoken": token, **form}).encode()
        request = Request(f"{self._url}{path}", fields, {"Referer": self._url})  # noqa: S310 - the loopback
        try:
            with self._http.open(request) as answer:
                return HTTPStatus.OK, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def finds(self, path: str, text: str) -> bool:
        """Return whether a page is answered, with this text: a server that was killed is not there yet."""
        try:
            return text in self.page(path)
        except (URLError, ConnectionError):
            return False

    def make(self, name: str, *, nodes: int) -> None:
        """Make a cluster whose machines take no time."""
        delays = {"start_delay": 0, "stop_delay": 0, "node_grace": 1}
        assert self.send("clusters/", name=name, nodes=nodes, labels="", **delays)[0] == HTTPStatus.OK

    def label(self, cluster: str, node: str, label: str) -> tuple[int, str]:
        """Set a label, written key=value."""
        return self.send(f"clusters/{cluster}/nodes/{node}/label/", label=label)

    @contextmanager
    def looking(self, cluster: str) -> Iterator[Looking]:
        """Keep the page of a cluster open."""
        with self.socket(cluster) as line:
            yield Looking(line)


@dataclass
class Looking:
    """What a page knows of its cluster, by its frames alone."""

    line: ClientConnection
    state: Wire | None = None
    snapshots: int = field(default=0)

    def hear(self, seconds: float) -> bool:
        """Take in one frame, as the page would; return whether one came. A line that is cut says nothing."""
        try:
            frame: Any = json.loads(self.line.recv(timeout=seconds))
        except (TimeoutError, ConnectionClosed):
            return False
        self.snapshots += frame["t"] == "snapshot"
        try:
            self.state = fold(self.state, frame)
        except Gap:
            self.line.send(json.dumps({"t": "resync"}))
        return True

    def cell(self, node: str) -> str:
        """Return the state of the one set's pod on a node."""
        cells = (self.state or {"cells": {}})["cells"].values()
        return next((row[node] for row in cells if node in row), "none")
