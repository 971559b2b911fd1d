"""People who look at clusters of a production: their pages follow by frames, and come back when cut off."""

from __future__ import annotations

import json
import threading
from socket import create_connection
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from controller.live.fold import Gap, Wire, fold
from dashboard.programs import HOST
from tests.production import HEADERS, NAME, Production
from tests.servers import wait_until

AGAIN = 0.5
"""Seconds until a page that was cut off comes back."""


class Person:
    """An open page of a cluster: what it knows, by frames alone. It asks its web processes in turn."""

    def __init__(self, production: Production, cluster: str, cookie: str, web: int) -> None:
        self._production, self._cluster, self._cookie, self._web = production, cluster, cookie, web
        self.state: Wire | None = None
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    @property
    def cells(self) -> list[str]:
        """Return the states of all pods on the map."""
        state = self.state or {"cells": {}}
        return [cell for row in state["cells"].values() for cell in row.values()]

    def leave(self) -> None:
        """Close the page."""
        self._left.set()
        self._thread.join(timeout=10)

    def _look(self) -> None:
        while not self._left.is_set():
            try:
                self._follow()
            except (OSError, WebSocketException):
                self._web = (self._web + 1) % len(self._production.ports)
            self._left.wait(AGAIN)

    def _follow(self) -> None:
        address = f"ws://{NAME}/ws/clusters/{self._cluster}/"
        headers = {"Cookie": self._cookie, "X-Forwarded-Proto": HEADERS["X-Forwarded-Proto"]}
        origin = Origin(f"https://{NAME}")
        sock = create_connection((HOST, self._production.ports[self._web]), timeout=10)
        with connect(
            address, sock=sock, proxy=None, additional_headers=headers, origin=origin, max_size=None
        ) as line:
            while not self._left.is_set():
                try:
                    frame: Any = json.loads(line.recv(timeout=0.2))
                except TimeoutError:
                    continue
                try:
                    self.state = fold(self.state, frame)
                except Gap:
                    line.send(json.dumps({"t": "resync"}))


def fresh(production: Production, cluster: str, cookie: str) -> Wire:
    """Return what somebody sees who opens the page now."""
    person = Person(production, cluster, cookie, 0)
    try:
        wait_until(lambda: person.state is not None, within=20, what="a snapshot")
    finally:
        person.leave()
    return person.state or {}
