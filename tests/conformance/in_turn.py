"""A proxy for kubectl behind which the controllers keep up, as in the control plane that was recorded.

There a write to a DaemonSet was always seen by its controller before the next request came, even where one
kubectl sends several: the first server-side apply after a client-side one is three, and each template in
between became a revision. On a machine that plays many recordings at once that is no matter of course. So a
write is answered once ``observedGeneration`` has caught up. All else passes through as it comes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from dashboard.programs import HOST
from tests.servers import wait_until

# Where the page has no TLS, the token is part of the address.
DAEMONSETS = re.compile(r"/k8s/[^/]+(/[^/]+)?/apis/apps/v1/namespaces/[^/]+/daemonsets(?=[/?]|$)")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}
TIMEOUT = 60.0
"""Seconds after which the controllers count as standing still."""


class Handler(BaseHTTPRequestHandler):
    """Passes one request on."""

    protocol_version = "HTTP/1.1"
    upstream: str
    """Host and port of the server."""

    def forward(self) -> None:
        """Ask the server and answer what it answers."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        with closing(HTTPConnection(self.upstream)) as line, suppress(ConnectionError):
            line.request(self.command, self.path, body, headers)
            answer = line.getresponse()
            sets = DAEMONSETS.match(self.path)
            if sets and self.command != "GET" and answer.status < 300:
                wait_until(lambda: self._seen(sets[0]), within=TIMEOUT, what="the controllers' next turn")
            self._pass_back(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward  # noqa: N815 - the library's names

    def _seen(self, sets: str) -> bool:
        with closing(HTTPConnection(self.upstream)) as line:
            name = "Authorization"
            line.request("GET", sets, headers={name: self.headers[name]} if name in self.headers else {})
            items = json.loads(line.getresponse().read())["items"]
        return all(
            item["status"].get("observedGeneration") == item["metadata"]["generation"]
            for item in items
            if "deletionTimestamp" not in item["metadata"]
        )

    def _pass_back(self, answer: HTTPResponse) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if answer.length is None:  # a stream ends with its line
            self.send_header("Connection", "close")
        self.end_headers()
        while piece := answer.read1():
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing of requests."""


@contextmanager
def in_turn(kubeconfig: str) -> Iterator[str]:
    """Run such a proxy before the server of a kubeconfig; yield the kubeconfig that leads to it."""
    server = next(line.split()[1] for line in kubeconfig.splitlines() if "server: " in line)
    upstream = urlsplit(server).netloc
    handler = type("Handler", (Handler,), {"upstream": upstream})
    with ThreadingHTTPServer((HOST, 0), handler) as proxy:
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield kubeconfig.replace(upstream, f"{HOST}:{proxy.server_port}")
        proxy.shutdown()
