"""A browser's way in, without a browser: logs in by the form, then opens a page and its socket."""

from __future__ import annotations

import json
import re
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

USER = "admin"
LIVE = {"HX-Request": "true"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """A person who is logged in at ``url``."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        self._cookies = CookieJar()
        self._http = build_opener(HTTPCookieProcessor(self._cookies))
        form = TOKEN.search(self.page("login/"))
        if form is None:
            raise LookupError("the form of the login")
        fields = {"username": USER, "password": password, "csrfmiddlewaretoken": form[1]}
        self._http.open(Request(f"{url}login/", urlencode(fields).encode(), {"Referer": url})).close()  # noqa: S310 - the loopback

    def page(self, path: str) -> str:
        """Return a page; raises HTTPError unless it is answered with 200."""
        with self._http.open(f"{self._url}{path}") as answer:
            return str(answer.read().decode())

    def part(self, path: str) -> None:
        """Ask for what of a page changes, as its script does; raises HTTPError unless that is answered."""
        with self._http.open(Request(f"{self._url}{path}", headers=LIVE)) as answer:  # noqa: S310 - the loopback
            answer.read()

    @property
    def cookies(self) -> str:
        """Return the header that says who this is."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)

    def socket(self, cluster: str) -> ClientConnection:
        """Open the socket of a cluster's pages."""
        address, origin = socket_address(self._url, cluster), Origin(self._url.rstrip("/"))
        headers = {"Cookie": self.cookies}
        return connect(address, additional_headers=headers, origin=origin, max_size=None)


def socket_address(url: str, cluster: str) -> str:
    """Return the address of the socket of a cluster's pages."""
    return f"{url.replace('http', 'ws', 1)}ws/clusters/{cluster}/"


def next_frame(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Wait for the next frame of a kind."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=30))
        if frame["t"] == kind:
            return frame
